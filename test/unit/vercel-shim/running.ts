/** An instance of the shim behind a real server. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { bindHandler } from 'polyfaas/function';
import { signedCall } from 'polyfaas/spi';
import type { BindingPolicy, FuncManifest } from '../../../providers/vercel/manifest.ts';
import { Instance } from '../../../providers/vercel/shim/instance.ts';
import { Server } from '../../../providers/vercel/shim/server.ts';

export const KEYS = 'k2:new-new-new-new-new-new,k1:topsecret-topsecret-topsecret';
export const CRON_SECRET = 'every-minute-every-minute';

export interface Running extends AsyncDisposable {
  readonly url: string;
  /** What was printed. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

export function manifest(change: Partial<FuncManifest> = {}): FuncManifest {
  return {
    app: 'shop',
    stage: 'dev',
    functionName: 'main',
    version: 'v1',
    memoryMb: 1024,
    timeoutSeconds: 5,
    region: 'fra1',
    handles: ['invoke'],
    envVariable: null,
    secrets: {},
    serves: 'main',
    bindings: [],
    async: null,
    queueEndpoint: 'http://127.0.0.1:1',
    ...change,
  };
}

export async function start(about: FuncManifest, handlers: object): Promise<Running> {
  const lines: Record<string, unknown>[] = [];
  const instance = new Instance(
    bindHandler({ default: handlers }),
    about,
    performance.now(),
    { keys: KEYS, cronSecret: CRON_SECRET },
    {
      print: (line) => void lines.push(JSON.parse(line)),
      // This process runs other tests, too, and some of them keep it busy.
      watchdog: { watch: () => () => {} },
    },
  );
  const shim = new Server(instance);
  const server = createServer((request, response) => void shim.serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    lines,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

/** A signed direct call. */
export function call(
  url: string,
  body: object,
  {
    secret = 'topsecret-topsecret-topsecret',
    query = '',
    headers = {},
  }: {
    readonly secret?: string;
    readonly query?: string;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<Response> {
  const endpoint = {
    url: `${url}/polyfaas/invoke${query}`,
    headers,
    key: { id: 'k1', secret },
    functionId: 'shop/dev/main',
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- bodies of direct calls, written out
  const sent = body as Parameters<typeof signedCall>[1];
  const signed = signedCall(endpoint, sent, { requestId: 'r1', timeMs: Date.now() });
  return fetch(endpoint.url, { method: 'POST', ...signed });
}

export const RETRY = {
  maxAttempts: 3,
  backoff: 'exponential',
  delaySeconds: 7,
  maxDelaySeconds: 900,
  jitter: false,
} as const;

/** A policy of a queue, or of what else is said. */
export function policy(
  event?: BindingPolicy['binding']['event'],
  rest: Partial<Omit<BindingPolicy, 'binding'>> = {},
): BindingPolicy {
  const queue = {
    type: 'queue',
    queue: 'orders',
    enabled: true,
    create: false,
    retry: RETRY,
    batchSize: 1,
    batchWindowSeconds: 0,
  } as const;
  return {
    binding: { id: 'b1', origin: 'spec', event: event ?? queue },
    deadLetter: null,
    since: null,
    ...rest,
  };
}
