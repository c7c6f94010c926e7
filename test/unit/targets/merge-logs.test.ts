import type { LogEntry } from 'polyfaas';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatCursors, mergeLogs, parseCursors } from '../../../src/targets/merge-logs.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { turns } from '../../support/turns.ts';

const TARGETS = ['aws', 'gcp'];

const entry = (time: number, cursor: string): LogEntry => ({
  time: new Date(time).toISOString(),
  level: 'info',
  message: cursor,
  cursor,
});

async function* source(...entries: readonly LogEntry[]): AsyncGenerator<LogEntry> {
  yield* entries;
}

/** Counts what waits for it, and for what comes of it: each is kept until it settles. */
class Awaited<Value> extends Promise<Value> {
  static reactions = 0;

  // oxlint-disable-next-line unicorn/no-thenable -- It is one already.
  override then<Kept = Value, Mended = never>(
    onFulfilled?: ((value: Value) => Kept | PromiseLike<Kept>) | null,
    onRejected?: ((reason: unknown) => Mended | PromiseLike<Mended>) | null,
  ): Promise<Kept | Mended> {
    Awaited.reactions += 1;
    return super.then(onFulfilled, onRejected);
  }
}

describe('logs of several targets', () => {
  it('come oldest first, with a cursor that knows where each stopped', async () => {
    const sources = new Map([
      ['aws', source(entry(1, 'a1'), entry(4, 'a2'))],
      ['gcp', source(entry(2, 'g1'), entry(3, 'g2'), entry(5, 'g3'))],
    ]);
    const all: LogEntry[] = [];
    for await (const one of mergeLogs(sources, {}, false, new ManualClock())) all.push(one);
    expect(all.map(({ message }) => message)).toEqual(['a1', 'g1', 'g2', 'a2', 'g3']);
    expect(parseCursors(all[2]?.cursor, TARGETS)).toEqual({ aws: 'a1', gcp: 'g2' });
  });

  it('come oldest first, whoever answers first', async () => {
    async function* slow(...entries: readonly LogEntry[]): AsyncGenerator<LogEntry> {
      await turns();
      yield* entries;
    }
    const sources = new Map([
      ['aws', source(entry(2, 'a1'), entry(4, 'a2'))],
      ['gcp', slow(entry(1, 'g1'), entry(3, 'g2'))],
    ]);
    const told: string[] = [];
    for await (const { message } of mergeLogs(sources, {}, false, new ManualClock()))
      told.push(message);
    expect(told).toEqual(['g1', 'a1', 'g2', 'a2']);
  });

  it('come oldest first, however long one of them takes to answer', async () => {
    const clock = new ManualClock();
    async function* slow(...entries: readonly LogEntry[]): AsyncGenerator<LogEntry> {
      await clock.sleep(60_000);
      yield* entries;
    }
    const sources = new Map([
      ['aws', source(entry(10, 'a1'), entry(20, 'a2'))],
      ['gcp', slow(entry(1, 'g1'), entry(2, 'g2'))],
    ]);
    const told: string[] = [];
    const reading = (async () => {
      for await (const { message } of mergeLogs(sources, {}, false, clock)) told.push(message);
    })();
    for (let second = 0; second < 60; second += 1) {
      await turns(5);
      await clock.advance(1_000);
    }
    await reading;
    expect(told).toEqual(['g1', 'g2', 'a1', 'a2']);
    expect(clock.pending).toBe(0);
  });

  it('that are followed wait for a silent one for a while of the injected clock, and no longer', async () => {
    const clock = new ManualClock();
    async function* slow(): AsyncGenerator<LogEntry> {
      await clock.sleep(3_600_000);
      yield entry(1, 'g1');
    }
    const sources = new Map<string, AsyncIterable<LogEntry>>([
      ['aws', source(entry(10, 'a1'), entry(20, 'a2'))],
      ['gcp', slow()],
    ]);
    const told: string[] = [];
    const reading = (async () => {
      for await (const { message } of mergeLogs(sources, {}, true, clock)) told.push(message);
    })();
    await turns();
    expect(told).toEqual([]);
    await clock.advance(2_000);
    await turns();
    expect(told).toEqual(['a1', 'a2']);
    await clock.advance(3_600_000);
    await reading;
    expect(told).toEqual(['a1', 'a2', 'g1']);
  });

  it('leave nothing behind for each line while one of them is silent', async () => {
    const lines = 400;
    async function* talking(): AsyncGenerator<LogEntry> {
      for (let line = 0; line < lines; line += 1) {
        // As if it came from afar: the reader waits for both.
        await new Promise(setImmediate);
        yield entry(line, `a${line}`);
      }
    }
    let silenceEnds = (): void => {};
    const silent: AsyncIterableIterator<LogEntry> = {
      [Symbol.asyncIterator]: () => silent,
      next: () =>
        new Awaited((resolve) => {
          silenceEnds = () => resolve({ done: true, value: undefined });
        }),
    };
    const clock = new ManualClock();
    const reading = mergeLogs(
      new Map([
        ['aws', talking()],
        ['gcp', silent],
      ]),
      {},
      true,
      clock,
    );
    const first = reading.next();
    await turns();
    await clock.advance(2_000);
    await first;
    for (let line = 1; line < lines / 2; line += 1) await reading.next();
    const before = Awaited.reactions;
    for (let line = 0; line < lines / 2; line += 1) await reading.next();
    expect(Awaited.reactions).toBe(before);
    const returned = reading.return(undefined);
    silenceEnds();
    await returned;
  });

  it.each([
    ['no cursor at all', 'nonsense'],
    ['a list', Buffer.from('["a"]').toString('base64url')],
    ['one of other targets', formatCursors({ aws: 'x', azure: 'y' })],
  ])('refuse %s', (_what, cursor) => {
    expect(() => parseCursors(cursor, TARGETS)).toThrow(/cursor: .*aws, gcp.*Leave it out/);
  });

  it('take their own cursor, also one of some of them', () => {
    expect(parseCursors(formatCursors({ aws: 'x' }), TARGETS)).toEqual({ aws: 'x' });
  });
});

describe('logs of several targets of which one fails', () => {
  const unheld: unknown[] = [];
  const hold = (reason: unknown): void => void unheld.push(reason);
  beforeEach(() => {
    unheld.length = 0;
    process.on('unhandledRejection', hold);
  });
  afterEach(() => void process.off('unhandledRejection', hold));

  /** Gives one entry, and fails when somebody lets it. */
  function failing(): { readonly logs: AsyncGenerator<LogEntry>; fail(): void } {
    let fail = (): void => {};
    const failure = new Promise<never>((_resolve, reject) => {
      fail = () => reject(new Error('gcp may not be read'));
    });
    failure.catch(() => {});
    async function* logs(): AsyncGenerator<LogEntry> {
      yield entry(2, 'g1');
      await failure;
    }
    return { logs: logs(), fail };
  }

  it('while the consumer is busy: the next turn fails, and the process lives', async () => {
    const { logs, fail } = failing();
    const sources = new Map([
      ['aws', source(entry(1, 'a1'), entry(3, 'a2'), entry(5, 'a3'))],
      ['gcp', logs],
    ]);
    const told: string[] = [];
    const reading = async (): Promise<void> => {
      for await (const { message } of mergeLogs(sources, {}, false, new ManualClock())) {
        told.push(message);
        if (message === 'g1') fail();
        await turns();
      }
    };
    await expect(reading()).rejects.toThrow('gcp may not be read');
    expect(told).toEqual(['a1', 'g1']);
    expect(unheld).toEqual([]);
  });

  it('after the consumer has left: nobody hears of it', async () => {
    const { logs, fail } = failing();
    const sources = new Map([
      ['aws', source(entry(1, 'a1'), entry(3, 'a2'))],
      ['gcp', logs],
    ]);
    for await (const { message } of mergeLogs(sources, {}, false, new ManualClock()))
      if (message === 'g1') break;
    fail();
    await turns();
    expect(unheld).toEqual([]);
  });
});
