/** What the shim reaches of Google, in one small server: metadata, a secret, topics, and the keys of ID tokens. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { RuntimeSettings, SourceManifest } from '../../../providers/gcp/manifest.ts';
import { keepEnvironment } from '../../support/environment.ts';

export interface Published {
  readonly topic: string;
  readonly data: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly orderingKey: string | undefined;
}

export interface Google extends AsyncDisposable {
  readonly manifest: SourceManifest;
  readonly published: Published[];
  /** How often the settings were read. */
  reads(): number;
  set(settings: Partial<RuntimeSettings>): void;
  /** What the instance has at its start. */
  text(): string;
  /** The status of the answer to whatever is asked of a path; 200 by default. */
  status: (path: string) => number;
  /** What an answer to a path waits for; nothing by default. */
  hold: (path: string) => Promise<void> | undefined;
  /** The number of the settings' version; 0: is not told. */
  version: number;
  idToken(claims?: Readonly<Record<string, unknown>>): Promise<string>;
}

export const CALLER = 'main@p.iam.gserviceaccount.com';
export const AUDIENCE = 'https://main.run.app';

const BASE: RuntimeSettings = {
  keys: 'k1:topsecret-topsecret-topsecret',
  bindings: [],
  caller: CALLER,
  audience: AUDIENCE,
  isPublic: false,
  minInstances: 0,
};

export async function startGoogle(): Promise<Google> {
  const restoreEnvironment = keepEnvironment();
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  let settings = BASE;
  let reads = 0;
  const published: Published[] = [];
  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  });
  async function answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    const path = request.url ?? '';
    const status = google.status(path);
    if (status !== 200) return { status, body: { error: { code: status } } };
    if (path.endsWith('/token')) {
      return { status, body: { access_token: 'token', expires_in: 3600, token_type: 'Bearer' } };
    }
    if (path === '/certs') return { status, body: { keys: [jwk] } };
    if (path.endsWith(':access')) {
      reads += 1;
      const data = Buffer.from(JSON.stringify(settings)).toString('base64');
      const name = google.version === 0 ? 'x' : `projects/1/secrets/s/versions/${google.version}`;
      await google.hold(path);
      return { status, body: { name, payload: { data } } };
    }
    const sent: unknown = JSON.parse(await text(request));
    published.push(publishedOf(path, sent));
    return { status, body: { messageIds: ['1'] } };
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  process.env['GCE_METADATA_HOST'] = host;
  const url = `http://${host}`;
  const google: Google = {
    manifest: {
      app: 'shop',
      stage: 'dev',
      functionName: 'main',
      version: 'v1',
      memoryMb: 256,
      timeoutSeconds: 5,
      region: 'europe-west1',
      projectId: 'p',
      handles: ['invoke'],
      settingsSecret: 'projects/p/secrets/polyfaas-main',
      endpoints: { pubsub: url, secretmanager: url, certificates: `${url}/certs` },
    },
    published,
    reads: () => reads,
    set: (change) => {
      settings = { ...settings, ...change };
    },
    text: () => JSON.stringify(settings),
    status: () => 200,
    hold: () => undefined,
    version: 0,
    idToken: (claims = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const all = { email: CALLER, email_verified: true, aud: AUDIENCE, iat: now, exp: now + 3600 };
      return new SignJWT({ iss: 'https://accounts.google.com', ...all, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'one' })
        .sign(privateKey);
    },
    async [Symbol.asyncDispose]() {
      restoreEnvironment();
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
  return google;
}

function publishedOf(path: string, sent: unknown): Published {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the shim sends, read back
  const { messages } = sent as {
    messages: [{ data: string; attributes: Record<string, string>; orderingKey?: string }];
  };
  const [{ data, attributes, orderingKey }] = messages;
  return {
    topic: path.replace(/^\/v1\//, '').replace(/:publish$/, ''),
    data: Buffer.from(data, 'base64').toString('utf8'),
    attributes,
    orderingKey,
  };
}
