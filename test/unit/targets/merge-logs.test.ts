import type { LogEntry } from 'polyfaas';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatCursors, mergeLogs, parseCursors } from '../../../src/targets/merge-logs.ts';

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

/** What is under way gets to its end, as while a consumer waits for something of its own. */
async function busy(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
}

describe('logs of several targets', () => {
  it('come oldest first, with a cursor that knows where each stopped', async () => {
    const sources = new Map([
      ['aws', source(entry(1, 'a1'), entry(4, 'a2'))],
      ['gcp', source(entry(2, 'g1'), entry(3, 'g2'), entry(5, 'g3'))],
    ]);
    const all: LogEntry[] = [];
    for await (const one of mergeLogs(sources, {})) all.push(one);
    expect(all.map(({ message }) => message)).toEqual(['a1', 'g1', 'g2', 'a2', 'g3']);
    expect(parseCursors(all[2]?.cursor, TARGETS)).toEqual({ aws: 'a1', gcp: 'g2' });
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
      for await (const { message } of mergeLogs(sources, {})) {
        told.push(message);
        if (message === 'g1') fail();
        await busy();
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
    for await (const { message } of mergeLogs(sources, {})) if (message === 'g1') break;
    fail();
    await busy();
    expect(unheld).toEqual([]);
  });
});
