/** A function's log: what Vercel shows of the deployments of its kept versions. */
import {
  type CallContext,
  type FunctionRef,
  type LogEntry,
  type LogLevel,
  type LogsQuery,
  notDeployed,
} from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import type { VercelObserved } from '../model.ts';
import { decodeCursor } from './cursor.ts';
import { linesOf, type Line } from './entry.ts';
import { REOPEN_MS, type Row, Streams } from './streams.ts';

/** Of what a stream shows that was opened once more, all that is older than this was seen. */
const LOOK_BACK_MS = 60_000;

const ORDER: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/**
 * The entries of a window, oldest first: what the function logs and prints. Vercel keeps them for an hour to some days, by
 * plan ("Runtime logs"). A follower sees the versions that were kept when it began.
 *
 * @throws ServerlessError NOT_FOUND for a function that is not deployed, INVALID_ARGUMENT for a cursor that is none.
 */
export async function* readLogs(
  vercel: VercelClients,
  ref: FunctionRef,
  observed: VercelObserved,
  query: LogsQuery,
  call: CallContext,
): AsyncGenerator<LogEntry> {
  const start = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const { project, kept, isStranger, description } = observed;
  const isLive = (description?.liveVersion ?? null) !== null;
  if (project === null || kept === null || isStranger || !isLive) throw notDeployed('vercel', ref);
  const deployments = kept.record.versions.flatMap(({ deployment }) => deployment?.id ?? []);
  // One that was put into production by hand is among them, or it is not ours.
  const ids = [...new Set([...deployments, project.production ?? ''])].filter((id) => id !== '');
  const fromMs = Math.max(Date.parse(query.from), start?.timeMs ?? 0);
  const toMs = query.follow ? Infinity : Date.parse(query.to);
  /** What a follower may meet again, with its time. */
  const seen = new Map<string, number>();
  let newestMs = 0;
  let isPast = start === undefined;
  let left = query.limit;
  const streams = new Streams(vercel, call, project.id, ids);
  try {
    for (;;) {
      streams.open();
      const rows = await streams.next();
      const againMs = Math.max(fromMs, newestMs - LOOK_BACK_MS);
      const isNew = (line: Line, { isAgain }: Row): boolean =>
        line.timeMs >= (isAgain ? againMs : fromMs) && line.timeMs < toMs && !seen.has(line.id);
      const lines = rows
        .flatMap((row) => linesOf(row.text).filter((line) => isNew(line, row)))
        .toSorted(inTime);
      for (const line of lines) {
        newestMs = Math.max(newestMs, line.timeMs);
        seen.set(line.id, line.timeMs);
        if (start !== undefined && !isPast) {
          if (line.timeMs === start.timeMs && hasStart(lines, start.id)) {
            isPast = line.id === start.id;
            continue;
          }
          isPast = true;
        }
        if (!isWanted(line.entry, query)) continue;
        yield line.entry;
        left -= 1;
        if (left <= 0) return;
      }
      if (!query.follow) return;
      for (const [id, timeMs] of seen) if (timeMs < newestMs - LOOK_BACK_MS) seen.delete(id);
      if (streams.areOver) await call.clock.sleep(REOPEN_MS, call.signal);
    }
  } finally {
    await streams.close();
  }
}

function inTime(one: Line, other: Line): number {
  if (one.timeMs !== other.timeMs) return one.timeMs - other.timeMs;
  if (one.seq !== other.seq) return one.seq - other.seq;
  if (one.rowId !== other.rowId) return one.rowId < other.rowId ? -1 : 1;
  return one.index - other.index;
}

/** The entry that a cursor names may be gone. */
function hasStart(lines: readonly Line[], id: string): boolean {
  return lines.some((line) => line.id === id);
}

function isWanted(entry: LogEntry, { requestId, minLevel }: LogsQuery): boolean {
  if (requestId !== undefined && entry.requestId !== requestId) return false;
  return minLevel === undefined || ORDER.indexOf(entry.level) >= ORDER.indexOf(minLevel);
}
