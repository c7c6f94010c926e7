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
import { decodeCursor, type Position } from './cursor.ts';
import type { Line } from './entry.ts';
import { followedLines } from './follow.ts';
import { pastLines } from './past.ts';

const ORDER: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/**
 * The entries of a window, oldest first: what the function logs and prints. Vercel keeps them for an hour to some days, by
 * plan ("Runtime logs"). Past ones are told by request, and have the time at which it came. A follower sees the versions
 * that were kept when it began.
 *
 * @throws ServerlessError NOT_FOUND for a function that is not deployed, INVALID_ARGUMENT for a cursor that is none,
 *   PERMISSION_DENIED and UNSUPPORTED where the log cannot be read.
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
  const ids = new Set([...deployments, project.production ?? ''].filter((id) => id !== ''));
  const ownerId = project.accountId ?? (await vercel.account(call.signal));
  const whose = { projectId: project.id, ownerId };
  const fromMs = Math.max(Date.parse(query.from), start?.timeMs ?? 0);
  const batches = query.follow
    ? followedLines(vercel, whose, ids, fromMs, call)
    : pastLines(vercel, whose, ids, { fromMs, toMs: Date.parse(query.to) }, call);
  let left = query.limit;
  for await (const { entry } of behind(start, batches)) {
    if (!isWanted(entry, query)) continue;
    yield entry;
    left -= 1;
    if (left <= 0) return;
  }
}

/** The lines that come after a position. */
async function* behind(
  start: Position | undefined,
  batches: AsyncIterable<readonly Line[]>,
): AsyncGenerator<Line> {
  let isPast = start === undefined;
  for await (const lines of batches) {
    for (const line of lines) {
      if (start !== undefined && !isPast) {
        // Lines of one moment come together.
        if (line.timeMs === start.timeMs && hasStart(lines, start.id)) {
          isPast = line.id === start.id;
          continue;
        }
        isPast = true;
      }
      yield line;
    }
  }
}

/** The entry that a cursor names may be gone. */
function hasStart(lines: readonly Line[], id: string): boolean {
  return lines.some((line) => line.id === id);
}

function isWanted(entry: LogEntry, { requestId, minLevel }: LogsQuery): boolean {
  if (requestId !== undefined && entry.requestId !== requestId) return false;
  return minLevel === undefined || ORDER.indexOf(entry.level) >= ORDER.indexOf(minLevel);
}
