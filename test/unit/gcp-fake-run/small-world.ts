/** A world of Cloud Run and the runtime alone, with the core's own parts around them. */
import { zipFiles } from 'polyfaas/spi';
import { Work } from '../../fakes/aws/core/work.ts';
import { API_NAMES } from '../../fakes/gcp/core/api-names.ts';
import { Identity } from '../../fakes/gcp/core/identity.ts';
import { Operations } from '../../fakes/gcp/core/operations.ts';
import { Policies } from '../../fakes/gcp/core/policies.ts';
import type {
  ApiName,
  Caller,
  InstanceSetup,
  ServiceReply,
  ServiceRequest,
  World,
} from '../../fakes/gcp/core/ports.ts';
import { PlaneServers, type Exchange } from '../../fakes/gcp/core/server.ts';
import { createRun } from '../../fakes/gcp/run/index.ts';
import { createRuntime } from '../../fakes/gcp/runtime/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export const PROJECT = 'test-project';
export const LOCATION = 'europe-west1';
export const ACCOUNT = `runner@${PROJECT}.iam.gserviceaccount.com`;
export const STRANGER = `stranger@${PROJECT}.iam.gserviceaccount.com`;
export const DEPLOYER: Caller = {
  kind: 'deployer',
  email: `deployer@${PROJECT}.iam.gserviceaccount.com`,
};

type Telemetry = World['telemetry'];
type Entry<Name extends keyof Telemetry> = Parameters<Telemetry[Name]>[0];

export interface SmallWorld {
  readonly world: World;
  readonly clock: ManualClock;
  readonly work: Work;
  readonly identity: Identity;
  readonly run: ReturnType<typeof createRun>;
  readonly runtime: ReturnType<typeof createRuntime>;
  /** The value `PERMISSION_DENIED` is none that anybody may read. */
  readonly secrets: Map<string, string>;
  readonly accounts: Set<string>;
  readonly lines: Entry<'line'>[];
  readonly requests: Entry<'request'>[];
  readonly startups: Entry<'startup'>[];
  readonly memory: Entry<'memory'>[];
  /** Names of planes that calls of the deployer reached. */
  readonly counted: string[];
  stop(): Promise<void>;
}

export async function createSmallWorld(): Promise<SmallWorld> {
  const clock = new ManualClock(Date.now());
  const work = new Work();
  const accounts = new Set([ACCOUNT, STRANGER]);
  const counted: string[] = [];
  const secrets = new Map<string, string>();
  const lines: Entry<'line'>[] = [];
  const requests: Entry<'request'>[] = [];
  const startups: Entry<'startup'>[] = [];
  const memory: Entry<'memory'>[] = [];
  const identity = await Identity.create(PROJECT, (email) => accounts.has(email));
  const servers = new PlaneServers({
    projectNumber: '123456789012',
    intercept: (exchange: Exchange) => {
      counted.push(exchange.plane);
      return exchange.act();
    },
  });
  const policies = new Policies({
    clock,
    projectId: PROJECT,
    accountExists: (email) => identity.accountExists(email),
  });
  const parts = {
    clock,
    projectId: PROJECT,
    projectNumber: '123456789012',
    location: LOCATION,
    endpoints: endpoints(),
    disabledApis: new Set<string>(),
    exhausted: new Set<string>(),
    identity,
    policies,
    operations: new Operations({ clock, work }),
    secrets: {
      set: (name: string, value: string) => void secrets.set(name, value),
      access(secret: string) {
        const value = secrets.get(secret);
        if (value === undefined) return { fault: 'NOT_FOUND' as const };
        if (value === 'PERMISSION_DENIED') return { fault: 'PERMISSION_DENIED' as const };
        return { value: Buffer.from(value) };
      },
    },
    telemetry: {
      line: (entry: Entry<'line'>) => void lines.push(entry),
      request: (entry: Entry<'request'>) => void requests.push(entry),
      startup: (entry: Entry<'startup'>) => void startups.push(entry),
      memory: (entry: Entry<'memory'>) => void memory.push(entry),
    },
    planes: servers,
    work,
    get runtime() {
      return runtime;
    },
    get run() {
      return run;
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parts under test reach no others
  const world = parts as unknown as World;
  const runtime: ReturnType<typeof createRuntime> = createRuntime(world, { startGrantedMs: 300 });
  const run: ReturnType<typeof createRun> = createRun(world);
  return {
    world,
    clock,
    work,
    identity,
    run,
    runtime,
    secrets,
    accounts,
    lines,
    requests,
    startups,
    memory,
    counted,
    async stop() {
      await run.stop();
      await runtime.stop();
      await servers.stop();
    },
  };
}

function endpoints(): Readonly<Record<ApiName, string>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made of all the names of APIs
  return Object.fromEntries(API_NAMES.map((name) => [name, 'http://127.0.0.1:1'])) as Record<
    ApiName,
    string
  >;
}

/** A source as the adapter makes them: ESM, with the framework as its dependency. */
export function source(
  code: string,
  more: {
    readonly manifest?: object;
    readonly files?: Readonly<Record<string, string>>;
  } = {},
): Promise<Buffer> {
  return zipped({
    'package.json': JSON.stringify({
      type: 'module',
      main: 'index.mjs',
      dependencies: { '@google-cloud/functions-framework': '5.0.5' },
      ...more.manifest,
    }),
    'index.mjs': code,
    ...more.files,
  });
}

export async function zipped(files: Readonly<Record<string, string>>): Promise<Buffer> {
  return Buffer.from(
    await zipFiles(
      Object.entries(files).map(([path, text]) => ({
        path,
        mode: 0o644,
        bytes: Buffer.from(text),
      })),
    ),
  );
}

/** A function that answers by `export`ing a handler to the framework's registry. */
export function handler(body: string): string {
  return `import { http } from '@google-cloud/functions-framework';\nlet calls = 0;\nhttp('main', async (request, response) => {\n  calls += 1;\n${body}\n});\n`;
}

export function setupOf(folder: string, more: Partial<InstanceSetup> = {}): InstanceSetup {
  return {
    service: 'orders',
    serviceName: `projects/${PROJECT}/locations/${LOCATION}/services/orders`,
    revision: 'orders-00001-abc',
    folder,
    env: {},
    secretEnv: {},
    memoryMb: 256,
    timeoutSeconds: 10,
    concurrency: 1,
    maxInstances: 5,
    minInstances: 0,
    serviceAccount: ACCOUNT,
    entryPoint: 'main',
    ...more,
  };
}

export function request(url = '/', more: Partial<ServiceRequest> = {}): ServiceRequest {
  return { method: 'GET', url, headers: ['Host', 'orders.test'], body: Buffer.alloc(0), ...more };
}

export function textOf({ body }: Pick<ServiceReply, 'body'>): string {
  return body.toString();
}
