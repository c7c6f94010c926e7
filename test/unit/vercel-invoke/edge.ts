/** An address of Vercel's edge with a function behind it, and what the adapter reads of its project. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { bindHandler } from 'polyfaas/function';
import { createDirectServer, parseDirectKeys, type DirectServer } from 'polyfaas/http';
import type { CallContext, JsonValue } from 'polyfaas/spi';
import type { RestRequest, VercelClients } from '../../../providers/vercel/clients/index.ts';
import { createInvoker, type Invoker } from '../../../providers/vercel/invoke/index.ts';
import { createRecorder, type Recorder } from '../../../providers/vercel/metrics/recorder.ts';
import type { VercelObserved } from '../../../providers/vercel/model.ts';
import { callContext } from '../../support/call-context.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export const REF = { app: 'shop', stage: 'dev', name: 'main' };
export const KEYS = 'k1:0123456789abcdef';
export const NOW = Date.now();

export interface Page {
  readonly status: number;
  /** `x-vercel-error` */
  readonly code?: string;
  readonly body?: string;
}

export type Door = DirectServer | Page;

/** Answers as this version, knowing these keys. */
export function version(name: string, keys = KEYS): DirectServer {
  const identity = {
    app: 'shop',
    stage: 'dev',
    functionName: 'main',
    version: name,
    memoryMb: 512,
    timeoutSeconds: 5,
    provider: 'vercel',
    region: 'fra1',
    instanceId: 'i1',
  };
  const invoke = (input: unknown): unknown => {
    if (input === 'throw') throw new RangeError('no');
    return `by ${name}`;
  };
  const runtime = bindHandler({ default: { invoke } }).start(identity, { write: () => {} });
  return createDirectServer({
    keys: () => parseDirectKeys(keys),
    identity,
    runtime: () => runtime,
    isFresh: () => false,
    initDurationMs: () => null,
    report: () => {},
    statusOf: ({ kind, outcome }) => (kind === 'invoke' ? (outcome === 'ok' ? 200 : 500) : 208),
    now: () => NOW,
  });
}

export interface Edge extends AsyncDisposable {
  /** By host. */
  readonly doors: Map<string, Door>;
  /** Hosts: names of this machine. */
  readonly alias: string;
  readonly own: string;
  /** Without it nobody is let in; undefined: everybody is. */
  protection: string | undefined;
  /** What the project tells. */
  keys: string;
  bypass: string | undefined;
  live: string;
  /** Calls of the API. */
  readonly rest: string[];
  readonly recorder: Recorder;
  invoker(queues?: boolean): Invoker;
}

export function context(signal?: AbortSignal): CallContext {
  return callContext(signal, new ManualClock(NOW));
}

export async function startEdge(): Promise<Edge> {
  const server = createServer((incoming, outgoing) => {
    void buffer(incoming).then(async (body) => {
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(incoming.headers)) headers[name] = String(value);
      const { url = '/' } = incoming;
      const isIn =
        edge.protection === undefined || headers['x-vercel-protection-bypass'] === edge.protection;
      const door: Door = isIn
        ? (edge.doors.get(headers['host'] ?? '') ?? { status: 404, code: 'DEPLOYMENT_NOT_FOUND' })
        : { status: 401, body: '<html>Authentication Required' };
      if ('serve' in door) {
        const call = { method: 'POST', url, headers, body };
        const opened = url.endsWith('?mode=async') ? door.open(call) : undefined;
        const reply =
          opened === undefined
            ? await door.serve(call)
            : 'reply' in opened
              ? opened.reply
              : door.accepted();
        outgoing.writeHead(reply.status, { ...reply.headers }).end(reply.body);
        return;
      }
      const { status, code, body: page } = door;
      outgoing.writeHead(status, code === undefined ? {} : { 'x-vercel-error': code }).end(page);
    });
  });
  server.listen(0);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const clients = {
    originOf: (host: string) => `http://${host}`,
    rest: ({ path }: RestRequest): Promise<JsonValue> => {
      edge.rest.push(path);
      if (path.endsWith('/env/env_1')) return Promise.resolve({ value: edge.keys });
      if (path.endsWith('/env')) {
        return Promise.resolve({ envs: [{ id: 'env_1', key: 'POLYFAAS_INVOKE_KEYS' }] });
      }
      const { bypass } = edge;
      return Promise.resolve({
        id: 'prj_1',
        protectionBypass: bypass === undefined ? {} : { [bypass]: { scope: 'automation-bypass' } },
      });
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what calls use of them
  const vercel = clients as unknown as VercelClients;
  const observe = (): Promise<VercelObserved> => {
    const note = (name: string, host: string): object => ({
      version: name,
      config: { memoryMb: 512, timeoutSeconds: 5 },
      deployment: { id: `dpl_${name}`, host },
    });
    const observed = {
      physicalName: 'shop-dev-main',
      isStranger: false,
      project: { id: 'prj_1', aliases: [edge.alias], hasBypass: edge.bypass !== undefined },
      variables: [{ id: 'env_1', key: 'POLYFAAS_INVOKE_KEYS' }],
      kept: { record: { versions: [note('v1', edge.own), note('v2', edge.own)] } },
      description: { liveVersion: edge.live },
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what calls look at
    return Promise.resolve(observed as unknown as VercelObserved);
  };
  const made: Invoker[] = [];
  const edge: Edge = {
    doors: new Map(),
    alias: `localhost:${port}`,
    own: `127.0.0.1:${port}`,
    protection: undefined,
    keys: KEYS,
    bypass: undefined,
    live: 'v1',
    rest: [],
    recorder: createRecorder(),
    invoker(queues = true) {
      const { recorder } = edge;
      const invoker = createInvoker({ vercel, observe, settings: { queues }, recorder });
      made.push(invoker);
      return invoker;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(made.map((invoker) => invoker.close()));
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
  return edge;
}
