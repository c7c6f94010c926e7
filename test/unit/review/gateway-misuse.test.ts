import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { forbidden } from 'polyfaas/http';
import { readBody } from '../../../providers/local/gateway/request-body.ts';
import { openGateway, reply, route, send, sendToOrders } from '../local-gateway/support.ts';

const CORS = {
  origins: ['*'],
  methods: ['GET'],
  headers: [],
  credentials: false,
  maxAgeSeconds: 0,
} as const;

it('answers 500 and lives on when the headers of a route cannot be sent', async () => {
  const cors = { ...CORS, exposeHeaders: ['x-\u2192'] };
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const gateway = await openGateway([route('/a', { cors }), route('/b')], async () => reply());
  expect((await sendToOrders(gateway, '/a')).status).toBe(500);
  expect((await sendToOrders(gateway, '/b')).status).toBe(200);
  expect(unhandled).toEqual([]);
});

it.each(['localhost:99999', '127.0.0.999', '127.1.2.256:80'])(
  'refuses the Host "%s", of which no URL can be made',
  async (host) => {
    const urls: string[] = [];
    const gateway = await openGateway([route('/a')], async (_ref, { url }) => {
      urls.push(url);
      return reply();
    });
    const answer = await send(gateway.port, '/~shop/dev/orders/a', { headers: { host } });
    expect([answer.status, urls]).toEqual([400, []]);
  },
);

it('does not wait for the body of a client that left before it was read', async () => {
  const request = new IncomingMessage(new Socket());
  request.headers['content-length'] = '10';
  const closed = new Promise((resolve) => request.once('close', resolve));
  request.destroy();
  await closed;
  expect(await readBody(request, 100)).toEqual({ kind: 'aborted' });
});

it('leaves out of a challenge what no header can carry', () => {
  const { headers } = forbidden(['lesen', '\u8BFB', 'a"b\\c']);
  expect(headers?.[1]).toBe('Bearer error="insufficient_scope", scope="lesen  abc"');
});
