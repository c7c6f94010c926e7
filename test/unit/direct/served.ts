/** A function that takes direct calls: our own server behind a real socket, and a client for it. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { bindHandler, type HandlerRuntime } from 'polyfaas/function';
import {
  createDirectServer,
  type DirectKey,
  type DirectReport,
  type DirectServer,
} from 'polyfaas/http';
import {
  createDirectClient,
  type DirectCall,
  type DirectClient,
  type DirectEndpoint,
} from 'polyfaas/spi';
import { afterEach } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';

export const KEY: DirectKey = { id: 'k1', secret: 'a-secret-that-is-long-enough-0123456789' };
const IDENTITY = {
  app: 'shop',
  stage: 'dev',
  functionName: 'orders',
  version: 'abc1234567',
  memoryMb: 512,
  timeoutSeconds: 5,
  provider: 'azure',
  region: 'westeurope',
  instanceId: 'instance-1',
};
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

export interface Served {
  readonly endpoint: DirectEndpoint;
  readonly reports: DirectReport[];
  readonly client: DirectClient;
  call(change?: Partial<DirectCall>): DirectCall;
}

export function serverOf(
  invoke: (input: unknown) => unknown,
  { keys = [KEY], now, timeoutSeconds = 5 }: ServeOptions = {},
): { readonly server: DirectServer; readonly reports: DirectReport[] } {
  const reports: DirectReport[] = [];
  let runtime: HandlerRuntime | undefined;
  const identity = { ...IDENTITY, timeoutSeconds };
  const handler = bindHandler({ default: { invoke } });
  const server = createDirectServer({
    keys: () => keys,
    identity,
    runtime: (startedAhead) =>
      (runtime ??= handler.start({ ...identity, startedAhead }, { write: () => {} })),
    isFresh: () => runtime === undefined,
    initDurationMs: () => 12,
    report: (call) => void reports.push(call),
    ...(now ? { now } : {}),
  });
  return { server, reports };
}

export interface ServeOptions {
  readonly keys?: readonly DirectKey[];
  readonly now?: () => number;
  readonly timeoutSeconds?: number;
}

export async function serve(
  invoke: (input: unknown) => unknown,
  options: ServeOptions = {},
): Promise<Served> {
  const { server, reports } = serverOf(invoke, options);
  const http = createServer((request, response) => {
    void (async () => {
      const reply = await server.serve({
        method: request.method ?? '',
        url: request.url ?? '',
        headers: headersOf(request),
        body: await bodyOf(request),
      });
      response.writeHead(reply.status, { ...reply.headers });
      response.end(reply.body);
    })();
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const client = createDirectClient();
  ends.push(
    () => client.close(),
    () => http.closeAllConnections(),
    () => http.close(),
  );
  const clock = new ManualClock(Date.now());
  return {
    reports,
    client,
    endpoint: {
      url: `http://127.0.0.1:${port}/polyfaas/invoke?a=%20b`,
      headers: { 'x-functions-key': 'host' },
      key: KEY,
      functionId: 'shop/dev/orders',
    },
    call: (change = {}) => ({
      requestId: crypto.randomUUID(),
      clock,
      signal: new AbortController().signal,
      timeoutMs: 5_000,
      ...change,
    }),
  };
}

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
