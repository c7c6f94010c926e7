/** A small world around the fake of Lambda: a server, a clock, roles as told, and the vendor's own client. */
import { buffer } from 'node:stream/consumers';
import { Lambda, type CreateFunctionCommandInput } from '@aws-sdk/client-lambda';
import { ZipFile } from 'yazl';
import { FakeTime } from '../../fakes/aws/core/clock.ts';
import type { World } from '../../fakes/aws/core/ports.ts';
import { FakeServer } from '../../fakes/aws/core/server.ts';
import { Work } from '../../fakes/aws/core/work.ts';
import { createMappingsService } from '../../fakes/aws/mappings/index.ts';
import { createLambdaService, type LambdaService } from '../../fakes/aws/lambda/index.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-central-1';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/worker`;
export const ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:orders`;

export interface SmallAws {
  readonly world: World;
  readonly clock: FakeTime;
  readonly server: FakeServer;
  readonly lambda: LambdaService;
  readonly client: Lambda;
  /** Roles that Lambda may assume. */
  readonly roles: Set<string>;
  /** `sqs:SendMessage` and the like that roles may not do. */
  readonly denied: Set<string>;
  /** What a caller with other keys than the deployer's may do: `lambda:ListTags ARN`. */
  readonly allowed: Set<string>;
  readonly objects: Map<string, Buffer>;
  /** What asynchronous deliveries sent to queues. */
  readonly sent: { readonly queue: string; readonly body: string }[];
  stop(): Promise<void>;
}

export const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };

export async function startAws(): Promise<SmallAws> {
  const clock = new FakeTime(Date.UTC(2026, 10, 21));
  const server = await FakeServer.start({
    authenticate: (accessKeyId) =>
      accessKeyId === CREDENTIALS.accessKeyId
        ? { caller: { kind: 'user', arn: `arn:aws:iam::${ACCOUNT}:user/deployer` } }
        : {
            caller: { kind: 'role', arn: `arn:aws:sts::${ACCOUNT}:assumed-role/worker/orders` },
            allows: (action, resource) => allowed.has(`${action} ${resource}`),
          },
  });
  const allowed = new Set<string>();
  const roles = new Set([ROLE]);
  const denied = new Set<string>();
  const objects = new Map<string, Buffer>();
  const sent: { queue: string; body: string }[] = [];
  const present = {
    clock,
    account: ACCOUNT,
    region: REGION,
    endpoint: server.endpoint,
    work: new Work(),
    iam: {
      canAssume: (role: string) => roles.has(role),
      roleAllows: (_role: string, action: string) => !denied.has(action),
      session: () => ({ ...CREDENTIALS, sessionToken: 'token' }),
      roleExists: (role: string) => roles.has(role),
      callerOf: () => undefined,
    },
    s3: {
      bucketExists: (bucket: string) => bucket === 'artifacts',
      get: (_bucket: string, key: string) => objects.get(key),
    },
    sqs: {
      exists: () => true,
      send: (queue: string, body: string) => {
        sent.push({ queue, body });
        return { messageId: 'm' };
      },
    },
    logs: { groupExists: () => true, write: () => {} },
    metrics: { put: () => {} },
    mappings: {},
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the ports that these tests do not reach are left out
  const world = present as unknown as World;
  const mappings = createMappingsService(world);
  const lambda = createLambdaService(world, { mappings });
  Object.assign(present, { lambda: lambda.port, mappings: mappings.port });
  server.add(lambda);
  const client = new Lambda({
    region: REGION,
    endpoint: server.endpoint,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
  return {
    world,
    clock,
    server,
    lambda,
    client,
    roles,
    denied,
    allowed,
    objects,
    sent,
    async stop() {
      client.destroy();
      await server.stop();
    },
  };
}

export async function zipOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, text] of Object.entries(files)) {
    zip.addBuffer(Buffer.from(text), path, { mtime: new Date(2026, 0, 1) });
  }
  zip.end();
  return buffer(zip.outputStream);
}

/** Answers with what it got, its version and a variable. */
export const ECHO = `exports.handler = async (event, context) => ({
  event, version: context.functionVersion, arn: context.invokedFunctionArn,
  requestId: context.awsRequestId, flag: process.env.FLAG ?? null,
  client: context.clientContext ?? null,
});`;

export async function wish(
  change: Partial<CreateFunctionCommandInput> = {},
  source = ECHO,
): Promise<CreateFunctionCommandInput> {
  return {
    FunctionName: 'orders',
    Role: ROLE,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Code: { ZipFile: await zipOf({ 'index.js': source }) },
    ...change,
  };
}

/** Creates the function `orders`, and waits until it is active. */
export async function create(
  aws: SmallAws,
  change?: Partial<CreateFunctionCommandInput>,
  source?: string,
): Promise<void> {
  await aws.client.createFunction(await wish(change, source));
  await aws.clock.advance(2000);
}

/** What a promise rejects with: name, status and message. */
export async function failure(promise: Promise<unknown>): Promise<{
  readonly name: string;
  readonly status: number | undefined;
  readonly message: string;
}> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const status =
      '$metadata' in error && typeof error.$metadata === 'object' && error.$metadata !== null
        ? Object.entries(error.$metadata).find(([key]) => key === 'httpStatusCode')?.[1]
        : undefined;
    return {
      name: error.name,
      status: typeof status === 'number' ? status : undefined,
      message: error.message,
    };
  }
  throw new Error('It did not fail');
}

export function json(payload: Uint8Array | undefined): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(Buffer.from(payload ?? []).toString('utf8'));
  if (typeof value !== 'object' || value === null) throw new Error('No JSON object');
  return Object.fromEntries(Object.entries(value));
}
