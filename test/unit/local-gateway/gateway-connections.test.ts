import { once } from 'node:events';
import { Agent, get, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openGateway, rejection, reply, route, send, sendToOrders } from './support.ts';

const ANY = [route('/{path+}')];

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
    const closing = open.gateway.close(1_000);
    await open.clock.advance(999);
    expect(signal.aborted).toBe(false);
    await open.clock.advance(1);
    await closing;
    expect(await busy).toMatchObject({ code: 'ECONNRESET' });
    expect(signal.aborted).toBe(true);
  });
});
