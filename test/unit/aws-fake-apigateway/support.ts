/** The fake of API Gateway in front of the fake of Lambda, with an issuer of tokens beside. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { createApiGatewayService } from '../../fakes/aws/apigateway/index.ts';
import type { RestService } from '../../fakes/aws/core/rest.ts';
import {
  ACCOUNT,
  ARN,
  create,
  CREDENTIALS,
  REGION,
  startAws,
  type SmallAws,
} from '../aws-fake-lambda/support.ts';

export interface SmallGateway {
  readonly aws: SmallAws;
  readonly gateway: RestService;
  readonly client: ApiGatewayV2;
  stop(): Promise<void>;
}

/** Shows the event, or does as the path says. */
const HTTP = `exports.handler = async (event) => {
  if (event.rawPath === '/throw') throw new Error('no');
  if (event.rawPath === '/hold') await new Promise((resolve) => setTimeout(resolve, 60000));
  if (event.rawPath === '/object') return { statusCode: 200, body: { a: 1 } };
  return { statusCode: 200, headers: { 'access-control-allow-origin': 'handler' }, body: JSON.stringify(event) };
};`;

export async function startGateway(): Promise<SmallGateway> {
  const aws = await startAws();
  const gateway = createApiGatewayService(aws.world);
  aws.server.add(gateway);
  const client = new ApiGatewayV2({
    region: REGION,
    endpoint: aws.server.endpoint,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
  await create(aws, { Timeout: 60 }, HTTP);
  return {
    aws,
    gateway,
    client,
    async stop() {
      client.destroy();
      await aws.stop();
    },
  };
}

export interface SmallApi {
  readonly ApiId: string;
  readonly url: string;
  readonly Target: string;
}

/** An API with an integration, a stage that deploys by itself, and the permission to invoke. */
export async function makeApi(
  { aws, client }: SmallGateway,
  TimeoutInMillis?: number,
): Promise<SmallApi> {
  const api = await client.createApi({ Name: 'shop', ProtocolType: 'HTTP' });
  const ApiId = api.ApiId ?? '';
  const { IntegrationId } = await client.createIntegration({
    ApiId,
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: ARN,
    PayloadFormatVersion: '2.0',
    TimeoutInMillis,
  });
  await client.createStage({ ApiId, StageName: '$default', AutoDeploy: true });
  await aws.client.addPermission({
    FunctionName: 'orders',
    StatementId: ApiId,
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
    SourceArn: `arn:aws:execute-api:${REGION}:${ACCOUNT}:${ApiId}/*/*`,
  });
  return { ApiId, url: api.ApiEndpoint ?? '', Target: `integrations/${IntegrationId}` };
}

export interface Issuer {
  readonly url: string;
  token(claims: Record<string, unknown>, options?: { readonly own?: boolean }): Promise<string>;
  stop(): Promise<void>;
}

export async function startIssuer(nowMs: () => number): Promise<Issuer> {
  const own = await generateKeyPair('RS256');
  const other = await generateKeyPair('RS256');
  const server = createServer((request, response) => {
    void answer(request.url ?? '').then((body) => response.end(JSON.stringify(body)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  async function answer(path: string): Promise<unknown> {
    if (path === '/.well-known/openid-configuration') return { jwks_uri: `${url}/keys` };
    return { keys: [{ ...(await exportJWK(own.publicKey)), kid: 'one', alg: 'RS256' }] };
  }
  return {
    url,
    token: async (claims, options) => {
      const key: CryptoKey = options?.own === false ? other.privateKey : own.privateKey;
      const now = Math.floor(nowMs() / 1000);
      return new SignJWT({ iss: url, aud: 'orders-api', iat: now, exp: now + 600, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'one' })
        .sign(key);
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
