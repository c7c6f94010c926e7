/** What the shim reaches of Vercel Queues, in one small server: messages that are sent, and leases. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Sent {
  readonly topic: string;
  readonly payload: unknown;
  readonly delaySeconds: string | undefined;
  /** A second message of the same key is dropped by the service. */
  readonly key: string | undefined;
}

/** What is too large for a delivery, and is fetched by its id. */
export interface Stored {
  readonly id: string;
  readonly count: number;
  readonly contentType: string;
  readonly body: string;
}

export interface Broker extends AsyncDisposable {
  readonly url: string;
  readonly sent: Sent[];
  /** `hold 35`, `done`: what became of leases, in order. */
  readonly leases: string[];
  readonly stored: Stored[];
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
      const said = (name: string): string | undefined => {
        const value = request.headers[name];
        return Array.isArray(value) ? value[0] : value;
      };
      if (method === 'POST' && status === 201) {
        broker.sent.push({
          topic: url.split('/').at(-1) ?? '',
          payload: JSON.parse(body),
          delaySeconds: said('vqs-delay-seconds'),
          key: said('vqs-idempotency-key'),
        });
      }
      const stored = broker.stored.find(({ id }) => url.endsWith(`/consumer/group/id/${id}`));
      if (stored !== undefined && status === 200) {
        broker.leases.push(`hold ${said('vqs-visibility-timeout-seconds') ?? '?'}`);
        response.writeHead(200, { 'content-type': 'multipart/mixed; boundary="b/1"' });
        response.end(multipart(stored));
        return;
      }
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    })();
  });
  function serve(method: string, url: string, body: string): number {
    if (method === 'POST' && url.includes('/consumer/')) {
      return broker.stored.some(({ id }) => url.endsWith(`/id/${id}`)) ? 200 : 404;
    }
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
    stored: [],
    status: () => undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
  return broker;
}

function multipart({ id, count, contentType, body }: Stored): string {
  const lines = [
    '--b/1',
    `Vqs-Message-Id: ${id}`,
    `Vqs-Delivery-Count: ${count}`,
    'Vqs-Timestamp: 2026-01-02T03:04:05.000Z',
    `Vqs-Receipt-Handle: ${RECEIPT}`,
    `Content-Type: ${contentType}`,
    '',
    body,
    '--b/1--',
    '',
  ];
  return lines.join('\r\n');
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
