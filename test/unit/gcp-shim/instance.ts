/** An instance of the shim behind a real server, as the functions framework makes one. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { bindHandler } from 'polyfaas/function';
import type { BindingPolicy } from '../../../providers/gcp/manifest.ts';
import { Instance } from '../../../providers/gcp/shim/instance.ts';
import { Server } from '../../../providers/gcp/shim/server.ts';
import type { Google } from './google.ts';

export interface Running extends AsyncDisposable {
  readonly url: string;
  /** What was printed. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  /** Delivers a message of Pub/Sub to a binding. */
  push(
    path: string,
    message: {
      readonly data?: unknown;
      readonly bytes?: Buffer;
      readonly attributes?: Readonly<Record<string, string>>;
      readonly attempt?: number;
      readonly orderingKey?: string;
      readonly id?: string;
      readonly publishTime?: string;
    },
    token?: string,
  ): Promise<Response>;
}

export async function start(google: Google, handlers: object): Promise<Running> {
  const lines: Record<string, unknown>[] = [];
  const instance = new Instance(
    bindHandler({ default: handlers }),
    google.manifest,
    performance.now(),
    google.text(),
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
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return {
    url,
    lines,
    async push(
      path,
      { data, bytes, attributes = {}, attempt, orderingKey, id = 'm1', ...rest },
      token,
    ) {
      const message = {
        messageId: id,
        publishTime: rest.publishTime ?? '2026-01-02T03:04:05Z',
        data: (bytes ?? Buffer.from(JSON.stringify(data ?? null))).toString('base64'),
        attributes,
        ...(orderingKey === undefined ? {} : { orderingKey }),
      };
      return fetch(`${url}${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token ?? (await google.idToken())}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({
          message,
          subscription: 'projects/p/subscriptions/s',
          ...(attempt === undefined ? {} : { deliveryAttempt: attempt }),
        }),
      });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

const RETRY = {
  maxAttempts: 3,
  backoff: 'fixed',
  delaySeconds: 1,
  maxDelaySeconds: 1,
  jitter: false,
} as const;

type Queue = Extract<BindingPolicy['binding']['event'], { type: 'queue' }>;

/** A policy of a queue, or of what else is said. */
export function policy(
  event?: BindingPolicy['binding']['event'],
  rest: Partial<Omit<BindingPolicy, 'binding'>> = {},
): BindingPolicy {
  const queue: Queue = {
    type: 'queue',
    queue: 'orders',
    enabled: true,
    create: true,
    retry: RETRY,
    batchSize: 1,
    batchWindowSeconds: 0,
  };
  return {
    binding: { id: 'b1', origin: 'spec', event: event === undefined ? queue : event },
    source: 'orders',
    deadLetter: null,
    relay: null,
    digest: 'd1',
    ...rest,
  };
}

export { RETRY };
