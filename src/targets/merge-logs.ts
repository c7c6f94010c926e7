/** The logs of several targets as one, oldest first. */
import { ServerlessError } from '../errors/index.ts';
import type { Clock } from '../spi/clock.ts';
import type { LogEntry } from '../spi/provider.ts';

type Cursors = Readonly<Record<string, string>>;

/** A cursor of the whole: where each target stopped. */
export function formatCursors(cursors: Cursors): string {
  return Buffer.from(JSON.stringify(cursors), 'utf8').toString('base64url');
}

/**
 * @throws ServerlessError INVALID_ARGUMENT for a text that {@link formatCursors} did not make, or made for other targets:
 *   to begin anew where one stopped would give entries twice, or none.
 */
export function parseCursors(text: string | undefined, targets: readonly string[]): Cursors {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (isCursors(value, targets)) return value;
  } catch {
    // Told below.
  }
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `cursor: it is not one that logs of ${targets.join(', ')} gave. Leave it out to begin anew.`,
  });
}

function isCursors(value: unknown, targets: readonly string[]): value is Cursors {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).every(
      ([target, cursor]) => targets.includes(target) && typeof cursor === 'string',
    )
  );
}

/**
 * Merges by time. Each source is oldest first already.
 *
 * @param follow sources wait for more when they have told all: one that does holds nobody up who has something. Without it
 *   every source is waited for, as each comes to its end.
 */
export async function* mergeLogs(
  sources: ReadonlyMap<string, AsyncIterable<LogEntry>>,
  given: Cursors,
  follow: boolean,
  clock: Pick<Clock, 'after'>,
): AsyncGenerator<LogEntry> {
  const cursors: Record<string, string> = { ...given };
  const readers = new Map(
    [...sources].map(([target, source]) => [target, source[Symbol.asyncIterator]()]),
  );
  const heads = new Map<string, LogEntry>();
  const waiting = new Map<string, Promise<void>>();
  /** Those that had nothing for a while: they are not waited for before they say something. */
  const silent = new Set<string>();
  /** Those that said something, or that they have nothing. */
  const answered = new Set<string>();
  let failure: { readonly error: unknown } | undefined;
  let wake = (): void => {};
  /** One wait for all of them: to race the same promise for each line would add up on one that is silent for hours. */
  const anyArrival = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  const read = (target: string, reader: AsyncIterator<LogEntry>): void => {
    const arriving = reader
      .next()
      .then(
        (next) => {
          waiting.delete(target);
          if (next.done === true) readers.delete(target);
          else heads.set(target, next.value);
        },
        // It may fail while the consumer is busy with an entry: the next turn is the one that fails.
        (error: unknown) => {
          failure ??= { error };
        },
      )
      .then(() => {
        silent.delete(target);
        answered.add(target);
        wake();
      });
    waiting.set(target, arriving);
  };
  for (const [target, reader] of readers) read(target, reader);
  try {
    while (heads.size > 0 || waiting.size > 0) {
      if (failure !== undefined) throw failure.error;
      const awaited = [...waiting].filter(([target]) => !silent.has(target));
      // Without `follow` each source comes to its end, and any of them may have the oldest.
      if (heads.size === 0 || (!follow && waiting.size > 0)) {
        await anyArrival();
        // Of those that are followed, the others may have nothing for hours.
        for (const [target] of awaited) {
          if (follow && answered.has(target) && waiting.has(target)) silent.add(target);
        }
        continue;
      }
      if (awaited.length > 0) {
        // What is on its way may be older.
        await allOrSoon(
          clock,
          awaited.map(([, arriving]) => arriving),
        );
        for (const [target] of awaited) if (waiting.has(target)) silent.add(target);
        continue;
      }
      const [oldest] = [...heads].toSorted(([, a], [, b]) => compare(a.time, b.time));
      if (oldest === undefined) continue;
      const [target, entry] = oldest;
      heads.delete(target);
      const reader = readers.get(target);
      if (reader) read(target, reader);
      cursors[target] = entry.cursor;
      yield { ...entry, cursor: formatCursors(cursors) };
    }
  } finally {
    // Nobody asks them again.
    for (const reader of readers.values()) void reader.return?.().catch(() => {});
  }
}

/** A platform answers a page of logs in this time; one that follows a log may be silent for hours. */
const PATIENCE_MS = 2_000;

async function allOrSoon(
  clock: Pick<Clock, 'after'>,
  arriving: readonly Promise<void>[],
): Promise<void> {
  const soon = Promise.withResolvers<void>();
  const cancel = clock.after(PATIENCE_MS, soon.resolve);
  await Promise.race([Promise.all(arriving), soon.promise]);
  cancel();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
