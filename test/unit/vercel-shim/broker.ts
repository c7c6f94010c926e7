/** What the shim reaches of Vercel Queues, in one small server: messages that are sent, and leases. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Sent {
  readonly topic: string;
  readonly payload: unknown;
  readonly delaySeconds: string | undefined;
}

export interface Broker extends AsyncDisposable {
  readonly url: string;
  readonly sent: Sent[];
  /** `hold 35`, `done`: what became of leases, in order. */
  readonly leases: string[];
  /** The status of the answer to a request; undefined for what the service answers itself. */
  status: (method: string, path: string) => number | undefined;
}

export const RECEIPT = 'a receipt/1';
const TOKEN = 'oidc';

export async function startBroker(): Promise<Broker> {
  const server = createServer((request, response) => {
    void (async () => {
      const { method = '', url = '' } = request;
      const body = await text(request);
      const isOwn = request.headers.authorization === `Bearer ${TOKEN}`;
      const status = isOwn ? (broker.status(method, url) ?? serve(method, url, body)) : 401;
      if (method === 'POST' && status === 201) {
        const delay = request.headers['vqs-delay-seconds'];
        broker.sent.push({
          topic: url.split('/').at(-1) ?? '',
          payload: JSON.parse(body),
          delaySeconds: Array.isArray(delay) ? delay[0] : delay,
        });
      }
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    })();
  });
  function serve(method: string, url: string, body: string): number {
    if (method === 'POST') return 201;
    if (!url.endsWith(`/consumer/group/lease/${encodeURIComponent(RECEIPT)}`)) return 404;
    if (method === 'DELETE') {
      broker.leases.push('done');
      return 204;
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the shim sends, read back
    const { visibilityTimeoutSeconds } = JSON.parse(body) as { visibilityTimeoutSeconds: number };
    broker.leases.push(`hold ${visibilityTimeoutSeconds}`);
    return 200;
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const broker: Broker = {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    sent: [],
    leases: [],
    status: () => undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
  return broker;
}

/** What a delivery has in its headers. */
export function deliveryHeaders(
  change: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return {
    'content-type': 'application/json',
    'x-vercel-oidc-token': TOKEN,
    'ce-type': 'com.vercel.queue.v2beta',
    'ce-vqsqueuename': 'orders',
    'ce-vqsconsumergroup': 'group',
    'ce-vqsmessageid': 'm1',
    'ce-vqsreceipthandle': RECEIPT,
    'ce-vqsdeliverycount': '1',
    'ce-vqscreatedat': '2026-01-02T03:04:05.000Z',
    'ce-vqsregion': 'fra1',
    ...change,
  };
}
