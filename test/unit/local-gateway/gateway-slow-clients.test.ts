import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openGateway, reply, route, type TestGateway } from './support.ts';

const ANY = [route('/{path+}')];

const GET = 'GET /~shop/dev/orders/ HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** More than sockets hold. */
const BODY_BYTES = 16 * 1_048_576;

interface SlowClient {
  readonly socket: Socket;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<unknown>;
  /** How many bytes it has taken. */
  taken(): number;
  /** Takes all that comes until it has so many bytes, or for ever. */
  take(untilBytes?: number): Promise<void>;
}

/** Asks, and takes nothing until it is told to. */
async function askAndWait(open: TestGateway, requests: string): Promise<SlowClient> {
  const socket = connect(open.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  // Not `once`, which would reject on a reset.
  const closed = new Promise((resolve) => socket.once('close', resolve));
  let taken = 0;
  let wanted = 0;
  let enough = (): void => {};
  socket.on('data', (chunk: Buffer) => {
    taken += chunk.length;
    if (taken < wanted) return;
    socket.pause();
    enough();
  });
  socket.pause();
  await once(socket, 'connect');
  socket.write(requests);
  return {
    socket,
    closed,
    taken: () => taken,
    take: (untilBytes = Infinity) =>
      new Promise((resolve) => {
        wanted = untilBytes;
        enough = resolve;
        socket.resume();
      }),
  };
}

/** Waits until the gateway waits for its client. */
async function stalled(open: TestGateway, idle: number): Promise<void> {
  while (open.clock.pending === idle) await nextTurn();
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a client that takes nothing for a minute', () => {
  it.each([
    ['a large body', () => reply(new Uint8Array(BODY_BYTES)), 1],
    ['bodies, each of them small', () => reply(new Uint8Array(50_000)), 400],
    [
      'the end of a stream',
      () =>
        reply(
          new ReadableStream<Uint8Array>({
            start(controller) {
              controller.enqueue(new Uint8Array(30_000));
              controller.close();
            },
          }),
        ),
      600,
    ],
  ])('of %s is let go', async (_, answer, requests) => {
    const open = await openGateway(ANY, async () => answer());
    const idle = open.clock.pending;
    const client = await askAndWait(open, GET.repeat(requests));
    await stalled(open, idle);
    await open.clock.advance(60_000);
    void client.take();
    await client.closed;
    expect(client.taken()).toBeLessThan(BODY_BYTES);
    expect(open.clock.pending).toBe(idle);
  });

  it('is not one that takes a little now and then', async () => {
    const open = await openGateway(ANY, async () => reply(new Uint8Array(BODY_BYTES)));
    const idle = open.clock.pending;
    const client = await askAndWait(open, GET);
    await stalled(open, idle);
    for (let minute = 0; minute < 2; minute += 1) {
      await open.clock.advance(59_000);
      await client.take(client.taken() + 4 * 1_048_576);
      const minuteFromNow = open.clock.now() + 60_000;
      while (open.clock.nextAt !== minuteFromNow) await nextTurn();
    }
    await client.take(BODY_BYTES + 100);
    expect(client.taken()).toBeGreaterThan(BODY_BYTES);
    // All was taken: nobody waits for this client any more.
    while (open.clock.pending !== idle) await nextTurn();
  });

  it('is not one whose reply waits for the reply before it', async () => {
    const first = Promise.withResolvers<void>();
    let asked = 0;
    const open = await openGateway(ANY, async () => {
      asked += 1;
      if (asked === 1) await first.promise;
      return reply(`reply ${asked}`);
    });
    const client = await askAndWait(open, GET + GET);
    while (asked < 2) await nextTurn();
    await open.clock.advance(300_000);
    first.resolve();
    const chunks: Buffer[] = [];
    client.socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    void client.take();
    const text = (): string => Buffer.concat(chunks).toString();
    while (text().match(/reply 2/g)?.length !== 2) await nextTurn();
    expect(text().match(/HTTP\/1\.1 200/g)).toHaveLength(2);
  });
});
