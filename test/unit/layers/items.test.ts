import { describe, expect, it } from 'vitest';
import { withStandardLayers } from '../../../src/layers/index.ts';
import type { LogEntry, LogsQuery, ServerlessProvider } from '../../../src/spi/provider.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { turns } from '../../support/turns.ts';
import { collect, contextOf, limits, ref, stubProvider } from '../review/core-support.ts';

const query: LogsQuery = { from: '', to: '', limit: 10, follow: false };
const line = (message: string): LogEntry => ({
  time: '2026-01-01T00:00:00.000Z',
  level: 'info',
  message,
  cursor: message,
});

function layered(parts: Partial<ServerlessProvider>): ServerlessProvider {
  return withStandardLayers(stubProvider(parts), { ...limits, maxAttempts: 2 }, undefined);
}

const never = (): Promise<never> => new Promise(() => {});

describe('an item that does not come', () => {
  it('is a TIMEOUT after every attempt, though the adapter ignores its signal', async () => {
    const clock = new ManualClock();
    const signals: AbortSignal[] = [];
    const provider = layered({
      list: (_scope, { signal }) => {
        signals.push(signal);
        return { [Symbol.asyncIterator]: () => ({ next: never }) };
      },
    });
    const listing = collect(provider.list(ref, contextOf(clock))).catch((error: unknown) => error);
    for (let turn = 0; turn < 4; turn += 1) await clock.advance(60_000);
    expect(await listing).toMatchObject({
      name: 'ServerlessError',
      code: 'TIMEOUT',
      message: expect.stringContaining('The list call got no answer within 60 s'),
    });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(clock.pending).toBe(0);
  });

  it('has as long as those before it, also when they were read slowly', async () => {
    const clock = new ManualClock();
    const provider = layered({
      async *logs(_ref, _query, call) {
        yield line('a');
        // A rare line is looked for through many pages.
        await call.clock.sleep(500_000, call.signal);
        yield line('b');
        await never();
      },
    });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { message } of provider.logs(ref, query, contextOf(clock))) {
        seen.push(message);
        await clock.sleep(100_000);
      }
    })().catch((error: unknown) => error);
    for (let turn = 0; turn < 30; turn += 1) await clock.advance(50_000);
    expect(await reading).toMatchObject({ code: 'TIMEOUT', function: 'orders' });
    expect(seen).toEqual(['a', 'b']);
    expect(clock.pending).toBe(0);
  });

  it('is waited for without end where lines are followed', async () => {
    const clock = new ManualClock();
    const provider = layered({
      async *logs(_ref, _query, call) {
        await call.clock.sleep(86_400_000, call.signal);
        yield line('at last');
      },
    });
    const following = collect(provider.logs(ref, { ...query, follow: true }, contextOf(clock)));
    await clock.advance(86_400_000);
    expect((await following).map(({ message }) => message)).toEqual(['at last']);
  });
});

describe('whoever stops reading', () => {
  it('lets the adapter clean up, and leaves no timer', async () => {
    const clock = new ManualClock();
    let isReleased = false;
    const provider = layered({
      async *logs() {
        try {
          yield line('a');
          yield line('b');
        } finally {
          isReleased = true;
        }
      },
    });
    for await (const { message } of provider.logs(ref, query, contextOf(clock))) {
      if (message === 'a') break;
    }
    expect(isReleased).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('is not held up by an adapter whose cleaning up does not end', async () => {
    const clock = new ManualClock();
    const provider = layered({
      logs: () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.resolve({ done: false, value: line('a') }),
          return: never,
        }),
      }),
    });
    const reading = (async () => {
      for await (const { message } of provider.logs(ref, query, contextOf(clock))) {
        if (message === 'a') break;
      }
    })().catch((error: unknown) => error);
    await clock.advance(600_000);
    expect(await reading).toMatchObject({ code: 'TIMEOUT' });
  });

  it.each([
    ['rejects', (): Promise<never> => Promise.reject(new Error('too late'))],
    ['hangs', never],
    [
      'throws',
      (): never => {
        throw new Error('too late');
      },
    ],
  ])(
    'after an abort of its own ends quietly, and the adapter is told: it %s',
    async (_how, end) => {
      const clock = new ManualClock();
      let returned = 0;
      const provider = layered({
        logs: () => ({
          [Symbol.asyncIterator]: () => ({
            next: () => Promise.resolve({ done: false, value: line('a') }),
            return: () => {
              returned += 1;
              return end();
            },
          }),
        }),
      });
      const caller = new AbortController();
      for await (const { message } of provider.logs(ref, query, contextOf(clock, caller.signal))) {
        caller.abort(new Error('no more time'));
        if (message === 'a') break;
      }
      await turns();
      expect(returned).toBe(1);
      expect(clock.pending).toBe(0);
    },
  );

  it('ends quietly where the abort comes while the adapter cleans up', async () => {
    const clock = new ManualClock();
    const provider = layered({
      logs: () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.resolve({ done: false, value: line('a') }),
          return: never,
        }),
      }),
    });
    const caller = new AbortController();
    const following = { ...query, follow: true };
    const reading = (async () => {
      for await (const { message } of provider.logs(
        ref,
        following,
        contextOf(clock, caller.signal),
      )) {
        if (message === 'a') break;
      }
      return 'left';
    })();
    await turns();
    caller.abort(new Error('no more time'));
    expect(await reading).toBe('left');
  });
});

describe('an error of an adapter whose iterator cleans up at once', () => {
  it.each([
    ['answers', () => ({ done: true, value: undefined })],
    [
      'throws',
      () => {
        throw new Error('twice');
      },
    ],
  ])('is told, and not that its return() %s', async (_what, end) => {
    const iterator = { next: () => Promise.reject(new Error('may not')) };
    // As an adapter without types does it.
    Reflect.set(iterator, 'return', end);
    const items = { [Symbol.asyncIterator]: () => iterator };
    const provider = layered({
      classify: () => ({ code: 'PERMISSION_DENIED', retryable: false }),
      list: () => items,
    });
    await expect(collect(provider.list(ref, contextOf(new ManualClock())))).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      message: 'may not',
    });
  });
});
