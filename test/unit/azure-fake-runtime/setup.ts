/** A world with nothing in it but time, telemetry and what the runtime itself needs. */
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { onTestFinished } from 'vitest';
import type { HostSetup, RuntimePort, TelemetryPort, World } from '../../fakes/azure/core/ports.ts';
import { createRuntime } from '../../fakes/azure/runtime/index.ts';
import { Work } from '../../fakes/aws/core/work.ts';
import { FakeTime } from '../../fakes/aws/core/clock.ts';

/** In one file, with what it needs. */
const library = Buffer.from(
  buildSync({
    entryPoints: ['@azure/functions'],
    absWorkingDir: fileURLToPath(new URL('../../..', import.meta.url)),
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    external: ['@azure/functions-core'],
  }).outputFiles[0]?.contents ?? [],
);

export type Trace = Parameters<TelemetryPort['trace']>[0];
export type Execution = Parameters<TelemetryPort['execution']>[0];
export type StartedHost = ReturnType<RuntimePort['start']>;

export interface TestRuntime {
  readonly clock: FakeTime;
  readonly work: Work;
  readonly traces: Trace[];
  readonly executions: Execution[];
  /** A host of a package with these files. */
  start(files: Readonly<Record<string, string>>, setup?: Partial<HostSetup>): StartedHost;
  stop(): Promise<void>;
}

export function makeRuntime(): TestRuntime {
  const clock = new FakeTime();
  const work = new Work();
  const traces: Trace[] = [];
  const executions: Execution[] = [];
  const world = {
    clock,
    work,
    planes: { identity: 'http://127.0.0.1:1' },
    identity: {
      headerFor: (identities: Readonly<Record<string, string>>) =>
        `for ${Object.keys(identities).join()}`,
    },
    telemetry: {
      trace: (entry: Trace) => void traces.push(entry),
      execution: (entry: Execution) => void executions.push(entry),
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- The runtime asks for nothing else of the world.
  const runtime = createRuntime(world as unknown as World);
  onTestFinished(() => runtime.stop());
  return {
    clock,
    work,
    traces,
    executions,
    start: (files, setup = {}) => runtime.start({ ...DEFAULTS, files: packageOf(files), ...setup }),
    stop: () => runtime.stop(),
  };
}

const DEFAULTS: HostSetup = {
  siteName: 'shop-orders',
  siteId: '/subscriptions/s/resourceGroups/shop/providers/Microsoft.Web/sites/shop-orders',
  files: undefined,
  settings: {},
  region: 'westeurope',
  memoryMb: 2048,
  maxInstances: 4,
  httpConcurrency: 1,
  alwaysReady: {},
  identities: {},
};

export const HOST_JSON = JSON.stringify({
  version: '2.0',
  extensionBundle: {
    id: 'Microsoft.Azure.Functions.ExtensionBundle',
    version: '[4.0.0, 5.0.0)',
  },
  extensions: { http: { routePrefix: '' } },
});

/** With the real library beside the files, as npm lays it out. */
export function packageOf(
  files: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, Buffer> {
  const all: Readonly<Record<string, string | undefined>> = {
    'package.json': JSON.stringify({ main: 'main.cjs' }),
    'host.json': HOST_JSON,
    ...files,
  };
  const entries = Object.entries(all).flatMap(([name, text]): [string, Buffer][] =>
    text === undefined ? [] : [[name, Buffer.from(text)]],
  );
  return new Map([
    ...entries,
    [
      'node_modules/@azure/functions/package.json',
      Buffer.from(JSON.stringify({ name: '@azure/functions', main: 'index.js' })),
    ],
    ['node_modules/@azure/functions/index.js', library],
  ]);
}

/** The source of a package with one HTTP function, `(request, context) => answer`. */
export function httpApp(handler: string, options = ''): Readonly<Record<string, string>> {
  return {
    'main.cjs': `const { app } = require('@azure/functions');
app.http('http', { methods: ['GET', 'POST'], route: '{*path}', ${options} handler: ${handler} });`,
  };
}

export async function request(
  host: StartedHost,
  url: string,
  options: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Buffer;
    readonly keyLevel?: 'anonymous' | 'function' | 'admin';
  } = {},
): Promise<{
  readonly status: number;
  readonly text: string;
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly setCookies: readonly string[];
}> {
  const { method = 'GET', headers = {}, body = '', keyLevel = 'anonymous' } = options;
  const reply = await host.http({
    method,
    url,
    headers: { host: 'shop.test', ...headers },
    body: Buffer.from(body),
    keyLevel,
  });
  const { body: answer = '' } = reply;
  const bytes =
    typeof answer === 'string' || Buffer.isBuffer(answer)
      ? Buffer.from(answer)
      : Buffer.from(JSON.stringify(answer));
  return {
    status: reply.status,
    text: bytes.toString(),
    bytes,
    headers: reply.headers ?? {},
    setCookies: reply.setCookies ?? [],
  };
}
