/** What is left, and what is closed, while several targets are at work. */
import { createServerlessManager, type LogEntry, type ServerlessManager } from 'polyfaas';
import type { ServerlessProvider } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { turns } from '../../support/turns.ts';
import { stubProvider } from '../review/core-support.ts';

async function managerOf(
  aws: Partial<ServerlessProvider>,
  gcp: Partial<ServerlessProvider>,
  clock = new ManualClock(),
): Promise<ServerlessManager> {
  return createServerlessManager(
    {
      app: 'shop',
      stage: 'dev',
      targets: ['aws', 'gcp'],
      limits: { maxAttempts: 1 },
      functions: { orders: { source: 'export default () => 1;' } },
    },
    {
      telemetry: false,
      clock,
      providers: {
        aws: () => stubProvider({ ...aws, id: 'aws' }),
        gcp: () => stubProvider({ ...gcp, id: 'gcp' }),
      },
    },
  );
}

const line = (message: string, time: number): LogEntry => ({
  time: new Date(time).toISOString(),
  level: 'info',
  message,
  cursor: message,
});

describe('whoever stops to follow the logs of several targets', () => {
  /** Tells what it has, and then asks for more each second for as long as it is let. */
  function followed(...first: readonly LogEntry[]) {
    const seen = { polls: 0, isReleased: false };
    const logs: ServerlessProvider['logs'] = async function* (_ref, _query, { clock, signal }) {
      try {
        yield* first;
        for (;;) {
          await clock.sleep(1_000, signal);
          seen.polls += 1;
        }
      } finally {
        seen.isReleased = true;
      }
    };
    return { logs, seen };
  }

  it.each([
    ['by itself', undefined],
    ['with a signal of its own, which lives on', new AbortController().signal],
  ])('leaves no target asking for more: %s', async (_how, signal) => {
    const clock = new ManualClock();
    const aws = followed(line('a1', 1), line('a2', 2));
    const gcp = followed();
    const manager = await managerOf(aws, gcp, clock);
    const reading = (async () => {
      for await (const { message } of manager.logs('orders', { follow: true, signal })) {
        if (message === 'a1') break;
      }
    })();
    for (let second = 0; second < 5; second += 1) {
      await turns(5);
      await clock.advance(1_000);
    }
    await reading;
    await turns();
    const { polls } = gcp.seen;
    await clock.advance(100_000);
    expect(gcp.seen).toEqual({ polls, isReleased: true });
    expect(aws.seen).toEqual({ polls: 0, isReleased: true });
    expect(clock.pending).toBe(0);
    await manager.close();
  });

  it('by an abort hears that it was the caller', async () => {
    const clock = new ManualClock();
    const manager = await managerOf(followed(), followed(), clock);
    const caller = new AbortController();
    const logs = manager.logs('orders', { follow: true, signal: caller.signal });
    const reading = logs[Symbol.asyncIterator]();
    const next = reading.next().catch((error: unknown) => error);
    await turns();
    caller.abort();
    expect(await next).toMatchObject({ code: 'CANCELLED' });
    await turns();
    expect(clock.pending).toBe(0);
    await manager.close();
  });
});

describe('closing several targets', () => {
  it('waits for all of them, also when one fails', async () => {
    const gcp = Promise.withResolvers<void>();
    const manager = await managerOf(
      { close: () => Promise.reject(new Error('aws is stuck')) },
      { close: () => gcp.promise },
    );
    let isSettled = false;
    const closing = manager
      .close()
      .catch((error: unknown) => error)
      .finally(() => {
        isSettled = true;
      });
    await turns();
    expect(isSettled).toBe(false);
    gcp.resolve();
    expect(await closing).toMatchObject({ provider: 'aws', message: 'aws is stuck' });
  });

  it('tells the first failure, and names the others', async () => {
    const manager = await managerOf(
      { close: () => Promise.reject(new Error('aws is stuck')) },
      { close: () => Promise.reject(new Error('gcp as well')) },
    );
    await expect(manager.close()).rejects.toMatchObject({
      code: 'UNKNOWN',
      provider: 'aws',
      message: 'aws is stuck (Not closed either: gcp: UNKNOWN: gcp as well)',
      details: { targets: { aws: 'UNKNOWN: aws is stuck', gcp: 'UNKNOWN: gcp as well' } },
    });
  });
});
