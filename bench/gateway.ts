/**
 * What the local provider's HTTP gateway costs beyond one written by hand.
 *
 *     node bench/gateway.ts [--dist <folder>] [--rounds <n>]
 *
 * With `PEERS_DIR` naming a folder in which `@google-cloud/functions-framework` is installed, that one is measured too.
 * Every server is a process of its own, so that the client's work, which is the same for all, stays apart.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type {
  CreateGateway,
  CreateInstancePool,
  DispatchHttp,
  LocalHttpResponse,
} from '../providers/local/ports.ts';
import type { Clock } from '../src/spi/clock.ts';
import { distFolder } from './support/built.ts';
import { comparison, interleave, type Row, table } from './support/interleave.ts';
import { bundleHandlers, poolSettings, quietListener } from './support/local-bundle.ts';

const HAND_WRITTEN = 'hand-written gateway';
const REF = { app: 'bench', stage: 'dev', name: 'echo' };

/** A kilobyte, echoed as it came. */
const BODY = Buffer.from(JSON.stringify({ id: 7, note: 'x'.repeat(1_000) }));

/** A worker that answers with the body that it got. */
const ECHO_WORKER = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', ({ id, event }) => {
    const headers = ['content-type', 'application/json'];
    parentPort.postMessage({ id, reply: { status: 200, statusText: '', headers, body: event.body } });
  });`;

const servers: Readonly<Record<string, () => Promise<string>>> = {
  [HAND_WRITTEN]: serveByHand,
  'gateway, same worker': () => serveGateway(workerCalls()),
  'gateway, instance pool': () => servePool(),
};

const serving = process.argv.indexOf('--serve');
if (serving < 0) await measure();
else process.send?.((await servers[process.argv[serving + 1] ?? '']?.()) ?? '');

// ------------------------------------------------------------------------------------------------- client

async function measure(): Promise<void> {
  const rounds = numberOption('--rounds', 21);
  distFolder();
  const running = [];
  try {
    for (const name of Object.keys(servers)) running.push(await startOwn(name));
    const peer = await startFunctionsFramework();
    if (peer) running.push(peer);
    await checkAll(running);
    for (const inFlight of [1, 16]) {
      const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
      await compare(
        `node:http client, ${inFlight} under way`,
        running.map(({ name, url }) => [name, () => post(agent, url)] as const),
        rounds,
        inFlight,
      );
      agent.destroy();
    }
    // A client that does next to nothing shows more of the difference.
    const raw = await Promise.all(
      running.map(async ({ name, url }) => [name, await rawClient(url)] as const),
    );
    await compare(
      'bare socket client, 1 under way',
      raw.map(([name, client]) => [name, client.post] as const),
      rounds,
      1,
    );
    for (const [, client] of raw) client.socket.destroy();
  } finally {
    for (const server of running) server.stop();
  }
}

interface Running {
  readonly name: string;
  readonly url: string;
  stop(): void;
}

async function compare(
  title: string,
  candidates: readonly (readonly [string, () => Promise<unknown>])[],
  rounds: number,
  inFlight: number,
): Promise<void> {
  const results = await interleave({
    candidates: Object.fromEntries(candidates),
    rounds,
    iterationsPerRound: inFlight === 1 ? 200 : 800,
    // With fewer, the first of the tables shows the compiler at work: what has more code looks slower than it is.
    warmup: 12_000,
    inFlight,
  });
  const rows: readonly Row[] = comparison(results, HAND_WRITTEN);
  console.log(`\n### POST 1 KB, echoed: ${title}\n\n${table(rows)}`);
}

async function checkAll(running: readonly Running[]): Promise<void> {
  const agent = new Agent();
  for (const { name, url } of running) {
    const answer = await post(agent, url);
    if (!answer.equals(BODY)) throw new Error(`${name} does not echo: ${answer.toString()}`);
  }
}

function post(agent: Agent, url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': BODY.length };
    const request = httpRequest(url, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
    });
    request.on('error', reject);
    request.end(BODY);
  });
}

/** Sends the same bytes again and again, and looks only for the end of the answer. */
async function rawClient(
  url: string,
): Promise<{ readonly socket: Socket; readonly post: () => Promise<void> }> {
  const { host, port, pathname } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.setNoDelay(true);
  await once(socket, 'connect');
  const head = `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n`;
  const bytes = Buffer.concat([Buffer.from(head), BODY]);
  const end = BODY.subarray(-16);
  let tail: Buffer = Buffer.alloc(0);
  let done = (): void => {};
  socket.on('data', (chunk: Buffer) => {
    tail =
      chunk.length >= end.length ? chunk.subarray(-16) : Buffer.concat([tail, chunk]).subarray(-16);
    if (tail.equals(end)) done();
  });
  return {
    socket,
    post: () =>
      new Promise((resolve) => {
        done = resolve;
        socket.write(bytes);
      }),
  };
}

async function startOwn(name: string): Promise<Running> {
  const dist = fileURLToPath(distFolder());
  const child = fork(fileURLToPath(import.meta.url), ['--serve', name, '--dist', dist]);
  const [url]: unknown[] = await once(child, 'message');
  return { name, url: String(url), stop: () => stop(child) };
}

/** Express on node:http, the function in the same thread. */
async function startFunctionsFramework(): Promise<Running | undefined> {
  const main = join(
    process.env['PEERS_DIR'] ?? '/nowhere',
    'node_modules/@google-cloud/functions-framework/build/src/main.js',
  );
  if (!existsSync(main)) {
    console.log('functions-framework is not measured: PEERS_DIR names no folder that has it.');
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'polyfaas-bench-'));
  writeFileSync(
    join(folder, 'index.js'),
    "exports.echo = (request, response) => { response.type('json').send(request.rawBody); };",
  );
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [main, '--target=echo', `--source=${folder}`, `--port=${port}`],
    { stdio: 'ignore' },
  );
  const url = `http://127.0.0.1:${port}/`;
  await answers(url);
  return {
    name: 'functions-framework',
    url,
    stop() {
      stop(child);
      rmSync(folder, { recursive: true });
    },
  };
}

async function answers(url: string): Promise<void> {
  const agent = new Agent();
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      await post(agent, url);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error(`Nothing answers at ${url}.`);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const port = portOf(probe.address());
  probe.close();
  await once(probe, 'close');
  return port;
}

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function stop(child: ChildProcess): void {
  child.kill('SIGKILL');
}

function numberOption(name: string, fallback: number): number {
  const index = process.argv.indexOf(name);
  return index < 0 ? fallback : Number(process.argv[index + 1]);
}

// ------------------------------------------------------------------------------------------------ servers

interface Echo {
  readonly id: number;
  readonly reply: LocalHttpResponse;
}

/** Calls of an {@link ECHO_WORKER}. */
function workerCalls(): (event: unknown) => Promise<LocalHttpResponse> {
  const worker = new Worker(ECHO_WORKER, { eval: true });
  const waiting = new Map<number, (reply: LocalHttpResponse) => void>();
  let lastId = 0;
  worker.on('message', ({ id, reply }: Echo) => {
    waiting.get(id)?.(reply);
    waiting.delete(id);
  });
  return (event) =>
    new Promise((resolve) => {
      lastId += 1;
      waiting.set(lastId, resolve);
      worker.postMessage({ id: lastId, event });
    });
}

/** What one would write without a library: no routes, no limits, no ids. */
async function serveByHand(): Promise<string> {
  const call = workerCalls();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      // A copy of its own: a clone takes all the memory that lies behind a view.
      const body = new Uint8Array(Buffer.concat(chunks));
      void call({ method, url, headers, body }).then((reply) => {
        const length = String(reply.body instanceof Uint8Array ? reply.body.length : 0);
        response.writeHead(reply.status, [...reply.headers, 'content-length', length]);
        response.end(reply.body);
      });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${portOf(server.address())}/orders/7`;
}

async function serveGateway(
  call: (event: Parameters<DispatchHttp>[1], signal: AbortSignal) => Promise<LocalHttpResponse>,
): Promise<string> {
  const { createGateway }: { createGateway: CreateGateway } = await built(
    'providers/local/gateway/index.js',
  );
  const gateway = createGateway({
    options: { host: '127.0.0.1', port: 0, allowedHosts: [], maxBodyBytes: 6_291_456 },
    dispatch: (_ref, request, _requestId, _trace, signal) => call(request, signal),
    clock: await builtClock(),
    warn: (message) => console.warn(message),
  });
  const event = { type: 'http', enabled: true } as const;
  await gateway.setRoutes(REF, [
    { ref: REF, bindingId: 'get', event: { ...event, methods: ['GET'], path: '/orders' } },
    { ref: REF, bindingId: 'one', event: { ...event, methods: ['POST'], path: '/orders/{id}' } },
    { ref: REF, bindingId: 'all', event: { ...event, methods: ['ANY'], path: '/{path+}' } },
  ]);
  return `${gateway.url(REF)}/orders/7`;
}

/** The gateway as the local provider uses it: a real instance, with a web `Request` and `Response`. */
async function servePool(): Promise<string> {
  const { createInstancePool }: { createInstancePool: CreateInstancePool } = await built(
    'providers/local/runtime/index.js',
  );
  const bundle = await bundleHandlers(
    "{ http: async (request) => new Response(await request.arrayBuffer(), { headers: { 'content-type': 'application/json' } }) }",
  );
  const settings = poolSettings(bundle, { concurrency: 16 });
  const pool = createInstancePool(settings, quietListener, await builtClock());
  await pool.warm(1);
  bundle.remove();
  return serveGateway(async (event, signal) => {
    const meta = { requestId: 'bench', attempt: 1, deadline: Date.now() + 30_000 };
    const { output } = await pool.call({ kind: 'http', event, meta }, signal);
    if (!isResponse(output)) throw new Error('The function gave no response.');
    return output;
  });
}

function isResponse(output: unknown): output is LocalHttpResponse {
  return typeof output === 'object' && output !== null && 'status' in output;
}

async function builtClock(): Promise<Clock> {
  const { systemClock }: { systemClock: Clock } = await built('src/engine/system-clock.js');
  return systemClock;
}

async function built<Module>(path: string): Promise<Module> {
  return import(new URL(path, distFolder()).href);
}
