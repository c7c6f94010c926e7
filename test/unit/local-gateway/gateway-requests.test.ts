import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { encoder, openGateway, recorder, reply, route, sendRaw, sendToOrders } from './support.ts';

const ANY = [route('/{path+}')];

describe('requests', () => {
  it('carry bytes as they are, in memory of their own', async () => {
    const { asked, dispatch } = recorder();
    const open = await openGateway(ANY, dispatch);
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 256);
    await sendToOrders(open, '/', { method: 'POST', body: bytes });
    expect(asked[0]?.body).toEqual(bytes);
    expect(asked[0]?.body?.buffer.byteLength).toBe(bytes.length);
  });

  it('may come in chunks', async () => {
    const { asked, dispatch } = recorder();
    const open = await openGateway(ANY, dispatch);
    await sendRaw(
      open.port,
      'POST /~shop/dev/orders/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    );
    expect(asked[0]?.body).toEqual(encoder.encode('abcde'));
    expect(asked[0]?.headers).toEqual(['Host', 'localhost']);
  });

  it.each(['gzip, chunked', 'own,Chunked'])(
    'in a transfer coding that is not understood, such as %s, are refused',
    async (coding) => {
      const { asked, dispatch } = recorder();
      const open = await openGateway(ANY, dispatch);
      const head = `POST /~shop/dev/orders/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: ${coding}\r\n`;
      expect(await sendRaw(open.port, `${head}\r\n3\r\nabc\r\n0\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 501 /,
      );
      // Nor is such a body asked for.
      expect(await sendRaw(open.port, `${head}Expect: 100-continue\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 501 /,
      );
      expect(asked).toEqual([]);
    },
  );

  it('may say in any case that they come in chunks', async () => {
    const { asked, dispatch } = recorder();
    const open = await openGateway(ANY, dispatch);
    await sendRaw(
      open.port,
      'POST /~shop/dev/orders/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    );
    expect(asked[0]?.body).toEqual(encoder.encode('abc'));
  });

  it('have no body where none is announced', async () => {
    const { asked, dispatch } = recorder();
    const open = await openGateway(ANY, dispatch);
    await sendToOrders(open, '/');
    await sendToOrders(open, '/', { method: 'POST', headers: { 'content-length': '0' } });
    expect(asked.map((request) => request.body)).toEqual([null, null]);
  });

  it('keep repeated headers, and lose those of the library', async () => {
    const { asked, dispatch } = recorder();
    const open = await openGateway(ANY, dispatch);
    await sendToOrders(open, '/', {
      headers: { 'X-A': ['1', '2'], 'x-polyfaas-request-id': 'forged' },
    });
    expect(asked[0]?.headers.slice(0, 4)).toEqual(['X-A', '1', 'X-A', '2']);
    expect(asked[0]?.headers).not.toContain('x-polyfaas-request-id');
  });

  it('bring a trace, and get an id each', async () => {
    const seen: unknown[] = [];
    const open = await openGateway(ANY, async (_ref, _request, requestId, trace) => {
      seen.push([requestId, trace]);
      return reply();
    });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const first = await sendToOrders(open, '/', { headers: { traceparent } });
    const second = await sendToOrders(open, '/', {
      headers: { traceparent: 'nonsense', 'x-request-id': 'mine' },
    });
    expect(seen).toEqual([
      [first.headers['x-request-id'], { traceparent }],
      [second.headers['x-request-id'], undefined],
    ]);
    expect(first.headers['x-request-id']).not.toBe(second.headers['x-request-id']);
  });

  it('that are too large are refused: at once when they say so, else on the way', async () => {
    const { asked, dispatch } = recorder();
    const open = await openGateway([route('/{path+}', { maxBodyBytes: 10 })], dispatch);
    const said = await sendToOrders(open, '/', { method: 'POST', body: 'x'.repeat(11) });
    expect(said.status).toBe(413);
    const silent = await sendRaw(
      open.port,
      `POST /~shop/dev/orders/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n${'x'.repeat(11)}\r\n0\r\n\r\n`,
    );
    expect(silent).toContain('HTTP/1.1 413 ');
    expect((await sendToOrders(open, '/', { method: 'POST', body: 'x'.repeat(10) })).status).toBe(
      200,
    );
    expect(asked).toHaveLength(1);
  });

  it('that are refused leave the connection usable', async () => {
    const open = await openGateway([route('/{path+}', { maxBodyBytes: 10 })], recorder().dispatch);
    const body = 'x'.repeat(100_000);
    const text = await sendRaw(
      open.port,
      `POST /~shop/dev/orders/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}` +
        'GET /~shop/dev/orders/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    );
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
  });

  it('that are refused and do not stop sending are cut off', async () => {
    const open = await openGateway([route('/{path+}', { maxBodyBytes: 10 })], recorder().dispatch);
    const megabytes = 64;
    const socket = connect(open.port, '127.0.0.1');
    socket.on('error', () => {});
    // Not `once`, which would reject on a reset.
    const closed = new Promise<boolean>((resolve) => socket.once('close', resolve));
    socket.write(
      `POST /~shop/dev/orders/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${megabytes * 1_048_576}\r\n\r\n`,
    );
    const [answer]: Buffer[] = await once(socket, 'data');
    expect(answer?.toString()).toContain('HTTP/1.1 413 ');
    // One less than announced: whoever waits for the end of it waits for ever.
    for (let count = 1; count < megabytes; count += 1) socket.write(Buffer.alloc(1_048_576));
    await expect(closed).resolves.toBeTypeOf('boolean');
  });

  it('that wait for leave to send their body get it, or a refusal', async () => {
    const { asked, dispatch } = recorder();
    const open = await openGateway([route('/{path+}', { maxBodyBytes: 10 })], dispatch);
    const head = (length: number): string =>
      `POST /~shop/dev/orders/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
    expect(await sendRaw(open.port, `${head(3)}abc`)).toMatch(
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /,
    );
    expect(asked[0]?.headers).not.toContain('Expect');
    expect(await sendRaw(open.port, head(11))).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('that take too long to say what they want are cut off', async () => {
    const open = await openGateway(ANY, recorder().dispatch, {
      clientLimits: {
        headersTimeoutMs: 50,
        requestTimeoutMs: 50,
        keepAliveTimeoutMs: 1_000,
        checkEveryMs: 10,
      },
    });
    expect(await sendRaw(open.port, 'GET / HTTP/1.1\r\nHost: loc')).toContain('HTTP/1.1 408 ');
    expect(
      await sendRaw(
        open.port,
        'POST /~shop/dev/orders/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc',
      ),
    ).toContain('HTTP/1.1 408 ');
  });

  it('whose client goes away abort the call', async () => {
    const started = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    const open = await openGateway(ANY, (_ref, _request, _id, _trace, signal) => {
      started.resolve();
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted.resolve();
          reject(signal.reason);
        });
      });
    });
    const socket = connect(open.port, '127.0.0.1');
    socket.write('GET /~shop/dev/orders/ HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await started.promise;
    socket.destroy();
    await expect(aborted.promise).resolves.toBeUndefined();
  });

  it('aborts also those that wait for the reply before them', async () => {
    const asked: AbortSignal[] = [];
    const aborted = Promise.withResolvers<void>();
    let left = 3;
    const open = await openGateway(ANY, (_ref, _request, _id, _trace, signal) => {
      asked.push(signal);
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason);
          left -= 1;
          if (left === 0) aborted.resolve();
        });
      });
    });
    const client = connect(open.port, '127.0.0.1');
    await once(client, 'connect');
    client.write('GET /~shop/dev/orders/ HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(3));
    while (asked.length < 3) await new Promise(setImmediate);
    client.destroy();
    await aborted.promise;
    expect(asked.map((signal) => signal.aborted)).toEqual([true, true, true]);
  });

  it('do not abort a call that was answered', async () => {
    const signals: AbortSignal[] = [];
    const open = await openGateway(ANY, async (_ref, _request, _id, _trace, signal) => {
      signals.push(signal);
      return reply();
    });
    await sendToOrders(open, '/');
    await open.gateway.close();
    expect(signals.map((signal) => signal.aborted)).toEqual([false]);
  });
});
