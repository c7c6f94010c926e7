import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import fc from 'fast-check';
import { signatureOf, signingKey } from 'polyfaas/http';
import { NEVER_ABORTS } from 'polyfaas/spi';
import { Client } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { placeText, seal } from '../../../src/http/direct/signature.ts';
import { Connections } from '../../../src/spi/direct/connections.ts';
import type { ExchangeRequest } from '../../../src/spi/direct/exchange.ts';

const REQUEST: ExchangeRequest = { path: '/', method: 'POST', headers: [], body: 'hello' };
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

interface Place {
  readonly server: Server;
  readonly port: number;
  /** Requests that came, and connections that they came on. */
  readonly seen: { requests: number; sockets: number };
  connections(most?: number): Connections;
}

async function place(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
  port = 0,
): Promise<Place> {
  const seen = { requests: 0, sockets: 0 };
  const server = createServer((request, response) => {
    seen.requests += 1;
    request.resume().once('end', () => answer(response, request));
  });
  server.on('connection', () => (seen.sockets += 1));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  ends.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const address = server.address();
  const at = typeof address === 'object' && address ? address.port : 0;
  return { server, port: at, seen, connections: (most) => connectionsTo(at, most) };
}

function connectionsTo(port: number, most = 256): Connections {
  const made = new Connections(() => new Client(`http://127.0.0.1:${port}`), most);
  ends.unshift(() => made.close());
  return made;
}

const send = (to: Connections, signal = NEVER_ABORTS): Promise<string> =>
  to.send(REQUEST, signal).then(({ text }) => text);

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

describe('connections', () => {
  it('stays on one while calls come one after the other', async () => {
    const { seen, connections } = await place((response) => response.end('ok'));
    const to = connections();
    for (let index = 0; index < 20; index += 1) expect(await send(to)).toBe('ok');
    expect(seen).toEqual({ requests: 20, sockets: 1 });
  });

  it('opens as many as it may, and lets further calls wait', async () => {
    let running = 0;
    let most = 0;
    const { seen, connections } = await place((response) => {
      most = Math.max(most, (running += 1));
      setTimeout(() => {
        running -= 1;
        response.end('ok');
      }, 10);
    });
    const to = connections(3);
    const texts = await Promise.all(Array.from({ length: 12 }, () => send(to)));
    expect(texts).toEqual(Array(12).fill('ok'));
    expect([most, seen.sockets]).toEqual([3, 3]);
    expect(await send(to)).toBe('ok');
  });

  it('drops a call that was given up while it waited', async () => {
    const held: ServerResponse[] = [];
    const { seen, connections } = await place((response) => void held.push(response));
    const to = connections(1);
    const first = send(to);
    const controller = new AbortController();
    const second = send(to, controller.signal);
    const third = send(to);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(second).rejects.toBe(reason);
    await expect.poll(() => held.length).toBe(1);
    held[0]?.end('one');
    expect(await first).toBe('one');
    await expect.poll(() => held.length).toBe(2);
    held[1]?.end('three');
    expect(await third).toBe('three');
    expect(seen).toEqual({ requests: 2, sockets: 1 });
  });

  it('takes a call after one that was given up on the way', async () => {
    let isHeld = true;
    const { seen, connections } = await place((response) => {
      if (!isHeld) response.end('ok');
    });
    const to = connections(1);
    const controller = new AbortController();
    const first = send(to, controller.signal);
    await expect.poll(() => seen.requests).toBe(1);
    isHeld = false;
    controller.abort('any reason');
    const second = send(to);
    await expect(first).rejects.toBe('any reason');
    expect(await second).toBe('ok');
    expect(seen.requests).toBe(2);
  });

  it('gives up at once while it connects', async () => {
    // Connects to nothing, for ever.
    const to = new Connections(() => new Client('http://127.0.0.1:9', { connect: () => {} }), 1);
    ends.push(() => to.close());
    const controller = new AbortController();
    const sent = send(to, controller.signal);
    controller.abort();
    await expect(sent).rejects.toBe(controller.signal.reason);
  });

  it.each(['after each answer', 'while nobody calls', 'without an answer'])(
    'outlives a connection that the other side closes %s',
    async (when) => {
      let calls = 0;
      const { server, connections } = await place((response, request) => {
        calls += 1;
        if (when === 'after each answer') response.setHeader('connection', 'close');
        if (when === 'without an answer' && calls === 1) request.socket.destroy();
        else response.end('ok');
      });
      const to = connections(1);
      const first = send(to);
      if (when === 'without an answer') await expect(first).rejects.toThrow('other side closed');
      else expect(await first).toBe('ok');
      if (when === 'while nobody calls') {
        server.closeAllConnections();
        await soon();
      }
      expect(await send(to)).toBe('ok');
      expect(await Promise.all([send(to), send(to)])).toEqual(['ok', 'ok']);
    },
  );

  it('fails every call that finds nobody, and tries again with the next', async () => {
    const { server, port } = await place(() => {});
    server.close();
    await once(server, 'close');
    const to = connectionsTo(port, 1);
    const outcomes = await Promise.allSettled([send(to), send(to), send(to)]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'ECONNREFUSED' } });
    }
    await place((response) => response.end('back'), port);
    expect(await send(to)).toBe('back');
  });

  it('fails what is under way, waits or comes when it is closed', async () => {
    const { connections } = await place(() => {});
    const to = connections(1);
    const before = Promise.allSettled([send(to), send(to)]);
    await soon();
    await to.close();
    const after = Promise.allSettled([send(to), send(to)]);
    for (const outcome of [...(await before), ...(await after)]) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'UND_ERR_DESTROYED' } });
    }
  });

  it('puts a long answer together', async () => {
    const whole = 'aé€😀'.repeat(100_000);
    const { connections } = await place((response) => response.end(whole));
    expect(await send(connections())).toBe(whole);
  });
});

describe('a sealed body', () => {
  it('has the signature that the other side expects', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(
        fc.record({ functionId: text, version: text, path: text, requestId: text, body: text }),
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 100 }),
        (parts, timeMs, secret) => {
          const key = signingKey({ id: 'k1', secret });
          const all = { ...parts, keyId: 'k1', method: 'POST', timeMs };
          const { bytes, signature } = seal(key, placeText(all), all);
          expect(signature).toBe(signatureOf(key, all));
          expect(Buffer.from(bytes).toString('utf8')).toBe(
            Buffer.from(parts.body).toString('utf8'),
          );
        },
      ),
    );
  });
});
