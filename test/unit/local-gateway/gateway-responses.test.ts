import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ServerlessError, type ErrorCode } from '../../../src/spi/index.ts';
import type { LocalHttpResponse } from '../../../providers/local/ports.ts';
import { encoder, openGateway, recorder, reply, route, sendToOrders } from './support.ts';

const ANY = [route('/{path+}')];

/** A reply whose bytes nobody made yet. */
const textReply = (
  bodyText: string,
  status = 200,
  headers: readonly string[] = [],
): LocalHttpResponse => ({
  status,
  statusText: '',
  headers,
  bodyText,
  get body(): Uint8Array {
    throw new Error('the bytes are not needed');
  },
});

describe('responses', () => {
  it('carry bytes, repeated cookies, a status and its reason', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const open = await openGateway(
      ANY,
      recorder(
        reply(bytes, {
          status: 201,
          statusText: 'Made',
          headers: ['Set-Cookie', 'a=1', 'set-cookie', 'b=2', 'content-length', '3'],
        }),
      ).dispatch,
    );
    const answered = await sendToOrders(open, '/');
    expect([answered.status, answered.statusText]).toEqual([201, 'Made']);
    expect(answered.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(new Uint8Array(answered.bytes)).toEqual(bytes);
  });

  it('carry every byte of a body that comes as a text', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const bodyText = Buffer.from(bytes).toString('latin1');
    const open = await openGateway(ANY, recorder(textReply(bodyText)).dispatch);
    const answered = await sendToOrders(open, '/');
    expect([answered.status, answered.headers['content-length']]).toEqual([200, '256']);
    expect(new Uint8Array(answered.bytes)).toEqual(bytes);
  });

  it.each([
    ['GET', '', 200, ['', '0']],
    ['GET', 'surprise', 204, ['', undefined]],
    ['HEAD', 'body', 200, ['', '4']],
    ['HEAD', '', 200, ['', '42']],
  ] as const)('to %s of the text %j with status %i end as bytes would', async (...given) => {
    const [method, bodyText, status, expected] = given;
    const headers = bodyText === '' && method === 'HEAD' ? ['Content-Length', '42'] : [];
    const open = await openGateway(ANY, recorder(textReply(bodyText, status, headers)).dispatch);
    const answered = await sendToOrders(open, '/', { method });
    expect([answered.text, answered.headers['content-length']]).toEqual(expected);
  });

  it('have no body where HTTP has none', async () => {
    const open = await openGateway(ANY, recorder(reply('surprise', { status: 204 })).dispatch);
    const answered = await sendToOrders(open, '/');
    expect([answered.status, answered.text, answered.headers['content-length']]).toEqual([
      204,
      '',
      undefined,
    ]);
  });

  it('to HEAD keep the length that the handler names', async () => {
    const open = await openGateway(
      ANY,
      recorder(reply(null, { headers: ['Content-Length', '42'] })).dispatch,
    );
    expect((await sendToOrders(open, '/', { method: 'HEAD' })).headers['content-length']).toBe(
      '42',
    );
  });

  it('to HEAD name no length where none is known', async () => {
    const open = await openGateway(ANY, recorder(reply(null)).dispatch);
    const answered = await sendToOrders(open, '/', { method: 'HEAD' });
    expect([answered.status, answered.headers['content-length']]).toEqual([200, undefined]);
    // The connection is good for the next one.
    expect((await sendToOrders(open, '/')).headers['content-length']).toBe('0');
  });

  it('stream, head first', async () => {
    const source = Promise.withResolvers<ReadableStreamDefaultController<Uint8Array>>();
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => source.resolve(controller),
    });
    const open = await openGateway(ANY, recorder(reply(stream)).dispatch);
    const asking = get(`${open.url}/`, { agent: false });
    const [response]: IncomingMessage[] = await once(asking, 'response');
    const controller = await source.promise;
    controller.enqueue(encoder.encode('one'));
    const [first]: Buffer[] = await once(response ?? asking, 'data');
    expect(first?.toString()).toBe('one');
    controller.close();
    await once(response ?? asking, 'end');
  });

  it('stream no faster than the client reads', async () => {
    let pulled = 0;
    const stream = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled += 1;
          if (pulled > 2_000) controller.close();
          else controller.enqueue(new Uint8Array(65_536));
        },
      },
      { highWaterMark: 0 },
    );
    const open = await openGateway(ANY, recorder(reply(stream)).dispatch);
    const asking = get(`${open.url}/`, { agent: false });
    const [response]: IncomingMessage[] = await once(asking, 'response');
    let before = -1;
    // Nobody reads: after some turns the sockets are full, and pulling stops.
    while (before !== pulled) {
      before = pulled;
      for (let turn = 0; turn < 200; turn += 1)
        await new Promise((resolve) => setImmediate(resolve));
    }
    expect(pulled).toBeLessThan(2_000);
    let bytes = 0;
    response?.on('data', (chunk: Buffer) => (bytes += chunk.length));
    await once(response ?? asking, 'end');
    expect(bytes).toBe(2_000 * 65_536);
  });

  it('stop streaming when the client is gone, or takes nothing for a minute', async () => {
    for (const leave of ['destroy', 'stall'] as const) {
      const cancelled = Promise.withResolvers<void>();
      const stream = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(new Uint8Array(1_048_576)),
        cancel: () => cancelled.resolve(),
      });
      const open = await openGateway(ANY, recorder(reply(stream)).dispatch);
      const idle = open.clock.pending;
      const asking = get(`${open.url}/`, { agent: false });
      asking.on('error', () => {});
      const [response]: IncomingMessage[] = await once(asking, 'response');
      response?.on('error', () => {});
      if (leave === 'destroy') asking.destroy();
      else {
        while (open.clock.pending === idle) await new Promise((resolve) => setImmediate(resolve));
        await open.clock.advance(60_000);
      }
      await expect(cancelled.promise).resolves.toBeUndefined();
      asking.destroy();
    }
  });

  it('that break off while streaming end the connection', async () => {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(encoder.encode('part'));
      },
      pull: (controller) => controller.error(new Error('broke')),
    });
    const open = await openGateway(ANY, recorder(reply(stream)).dispatch);
    await expect(sendToOrders(open, '/')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it.each<[string, LocalHttpResponse]>([
    ['a header name', reply('x', { headers: ['bad name', 'x'] })],
    ['a header value', reply('x', { headers: ['x', 'a\nb'] })],
    ['a status', reply('x', { status: 99 })],
  ])('with %s that cannot be sent become 502', async (_, bad) => {
    const open = await openGateway(ANY, recorder(bad).dispatch);
    const answered = await sendToOrders(open, '/');
    expect(answered.status).toBe(502);
    expect(open.warnings).toHaveLength(1);
  });

  it('that cannot be sent are not streamed on', async () => {
    const cancelled = Promise.withResolvers<void>();
    const stream = new ReadableStream<Uint8Array>({ cancel: () => cancelled.resolve() });
    const bad = reply(stream, { headers: ['bad name', 'x'] });
    const open = await openGateway(ANY, recorder(bad).dispatch);
    expect((await sendToOrders(open, '/')).status).toBe(502);
    await expect(cancelled.promise).resolves.toBeUndefined();
  });

  it.each<[ErrorCode, number]>([
    ['RATE_LIMITED', 429],
    ['TIMEOUT', 504],
    ['PAYLOAD_TOO_LARGE', 413],
    ['UNAVAILABLE', 503],
    ['NOT_FOUND', 503],
    ['CANCELLED', 503],
    ['FUNCTION_FAILED', 500],
  ])('say nothing of the inside when a call fails with %s', async (code, status) => {
    const open = await openGateway(ANY, async () => {
      throw new ServerlessError({ code, message: 'secret detail', retryAfterMs: 1_500 });
    });
    const answered = await sendToOrders(open, '/');
    expect(answered.status).toBe(status);
    expect(answered.text).not.toContain('secret');
    expect(JSON.parse(answered.text).requestId).toBe(answered.headers['x-request-id']);
    expect(answered.headers['retry-after']).toBe(status === 429 ? '2' : undefined);
  });

  it('to a failure that is none of ours are 500', async () => {
    const open = await openGateway(ANY, () => Promise.reject(new TypeError('secret detail')));
    const answered = await sendToOrders(open, '/');
    expect([answered.status, answered.text.includes('secret')]).toEqual([500, false]);
  });
});
