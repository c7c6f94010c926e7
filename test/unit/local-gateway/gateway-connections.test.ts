import { once } from 'node:events';
import { Agent, get, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  openGateway,
  ORDERS,
  rejection,
  reply,
  route,
  send,
  sendRaw,
  sendToOrders,
} from './support.ts';

const ANY = [route('/{path+}')];

const GET = 'GET /~shop/dev/orders/ HTTP/1.1\r\nHost: localhost\r\n\r\n';

describe('connections', () => {
  it('are kept for the next request', async () => {
    const open = await openGateway(ANY, async () => reply());
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let count = 0; count < 3; count += 1) {
      const asking = httpRequest(`${open.url}/`, { agent, method: 'POST' });
      asking.end('body');
      const [response]: IncomingMessage[] = await once(asking, 'response');
      ports.add(response?.socket.localPort);
      response?.resume();
      await once(response ?? asking, 'end');
    }
    agent.destroy();
    expect(ports.size).toBe(1);
  });

  it('that are idle end at once on close, others when they are done', async () => {
    const release = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const open = await openGateway(ANY, async () => {
      started.resolve();
      await release.promise;
      return reply('late');
    });
    const idle = connect(open.port, '127.0.0.1');
    const idleClosed = once(idle, 'close');
    await once(idle, 'connect');
    const agent = new Agent({ keepAlive: true });
    const busy = get(`${open.url}/`, { agent });
    await started.promise;
    const closing = open.gateway.close(10_000);
    await idleClosed;
    release.resolve();
    const [response]: IncomingMessage[] = await once(busy, 'response');
    const [body]: Buffer[] = await once(response ?? busy, 'data');
    expect(body?.toString()).toBe('late');
    await closing;
    agent.destroy();
    expect(open.clock.pending).toBe(0);
    await expect(send(open.port, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('that outlast the grace are cut, and their calls aborted', async () => {
    const started = Promise.withResolvers<AbortSignal>();
    const open = await openGateway(ANY, (_ref, _request, _id, _trace, signal) => {
      started.resolve(signal);
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    });
    const busy = rejection(sendToOrders(open, '/'));
    const signal = await started.promise;
    // Requests live in real time, and nobody moves the clock while it closes.
    await open.gateway.close(20);
    expect(await busy).toMatchObject({ code: 'ECONNRESET' });
    await expect.poll(() => signal.aborted).toBe(true);
  });

  it('that the gateway ends are told so by their last answer', async () => {
    for (const end of ['close', 'last route'] as const) {
      const release = Promise.withResolvers<void>();
      const started = Promise.withResolvers<void>();
      const open = await openGateway(ANY, async () => {
        started.resolve();
        await release.promise;
        return reply('late');
      });
      const answering = sendRaw(open.port, GET);
      await started.promise;
      const ending = end === 'close' ? open.gateway.close() : open.gateway.setRoutes(ORDERS, []);
      // Whatever has its turn now: the gateway ends by then.
      await new Promise((resolve) => setImmediate(resolve));
      release.resolve();
      expect(await answering).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\nConnection: close\r\n/);
      await ending;
    }
  });
});

describe('when the last route is gone', () => {
  it('requests under way take the time that they need', async () => {
    const release = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const open = await openGateway(ANY, async () => {
      started.resolve();
      await release.promise;
      return reply('late');
    });
    const busy = sendToOrders(open, '/');
    await started.promise;
    await open.gateway.setRoutes(ORDERS, []);
    await expect(send(open.port, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await open.clock.advance(900_000);
    release.resolve();
    expect((await busy).text).toBe('late');
    await open.gateway.close();
    expect(open.clock.pending).toBe(0);
  });

  it('requests that are still being sent have the time that requests have', async () => {
    const open = await openGateway(ANY, async () => reply());
    const socket = connect(open.port, '127.0.0.1');
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(
      'POST /~shop/dev/orders/ HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n',
    );
    await once(socket, 'data');
    await open.gateway.setRoutes(ORDERS, []);
    await open.clock.advance(119_999);
    expect(socket.readyState).toBe('open');
    await open.clock.advance(1);
    await closed;
  });

  it('closing the gateway ends what is still under way after its grace', async () => {
    const started = Promise.withResolvers<void>();
    const open = await openGateway(ANY, () => {
      started.resolve();
      return new Promise(() => {});
    });
    const busy = rejection(sendToOrders(open, '/'));
    await started.promise;
    await open.gateway.setRoutes(ORDERS, []);
    await open.gateway.close(20);
    expect(await busy).toMatchObject({ code: 'ECONNRESET' });
  });
});
