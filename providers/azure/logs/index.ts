/** A function's log, from the Log Analytics workspace behind its Application Insights. */
import {
  ServerlessError,
  traceIdOf,
  type CallContext,
  type FunctionRef,
  type LogEntry,
  type LogLevel,
  type LogsQuery,
} from 'polyfaas/spi';
import type { AzureClients } from '../clients/index.ts';
import { classify } from '../errors.ts';
import type { AzureObserved } from '../model.ts';
import { telemetryPlace } from '../telemetry/place.ts';
import { moment, quoted, runQuery, textOf, type Row } from '../telemetry/query.ts';
import { decodeCursor } from './cursor.ts';
import { Ends, TELLS_OF_END } from './ended-call.ts';
import { byTime, lineOf, type Line } from './line.ts';

/** Lines arrive after a minute or more: looking more often shows nothing more. */
const POLL_MS = 10_000;
/** Instances send their lines in batches, which reach the log in no order: so far back a follower looks again. */
const LOOK_BACK_MS = 300_000;
const PAGE_SIZE = 1_000;
/** A page grows so far for the sake of one moment. A line has at most 32 kB, an answer 64 MB. */
const MAX_PAGE_SIZE = 32_000;
/** So many failures in a row, of a kind that passes, end the reading. */
const MAX_FAILURES = 5;

const ORDER: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/**
 * The entries of a window, oldest first. Lines of the Functions host itself are none, but for what it says of calls that it
 * ended.
 *
 * @throws ServerlessError NOT_FOUND for a function that is not deployed, UNSUPPORTED for one without Application
 * Insights, INVALID_ARGUMENT for a cursor that is none.
 */
export async function* readLogs(
  azure: AzureClients,
  ref: FunctionRef,
  observed: AzureObserved,
  query: LogsQuery,
  call: CallContext,
): AsyncGenerator<LogEntry> {
  const start = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const { workspace, siteName } = await telemetryPlace(azure, ref, observed, call);
  if (workspace === null) throw noWorkspace(ref);
  /** What a follower may meet again, with its time. */
  const seen = new Map<string, number>();
  const ends = new Ends();
  let fromMs = Math.max(Date.parse(query.from), start?.timeMs ?? 0);
  let left = query.limit;
  let isPast = start === undefined;
  for (let round = 0; ; round += 1) {
    const toMs = query.follow ? call.clock.now() + 60_000 : Date.parse(query.to);
    let newestMs = fromMs;
    const read = readerOf(azure, workspace, round > 0, call);
    for await (const line of linesOf(read, siteName, { fromMs, toMs }, query.requestId)) {
      newestMs = Math.max(newestMs, line.timeMs);
      const id = `${line.timeMs} ${line.key} ${line.seq}`;
      if (line.end !== undefined && ends.isTold(line.end, id)) continue;
      if (seen.has(id)) continue;
      if (query.follow) seen.set(id, line.timeMs);
      if (start !== undefined && !isPast) {
        if (line.timeMs === start.timeMs) {
          isPast = line.key === start.key;
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
    fromMs = Math.max(fromMs, newestMs - LOOK_BACK_MS);
    for (const [id, timeMs] of seen) if (timeMs < fromMs) seen.delete(id);
    await call.clock.sleep(POLL_MS, call.signal);
  }
}

type Read = (query: string) => Promise<readonly Row[]>;

/** The core repeats what fails before the first entry, and cannot do so behind it. */
function readerOf(
  azure: AzureClients,
  workspace: string,
  hasBegun: boolean,
  call: CallContext,
): Read {
  let isFirst = !hasBegun;
  return async (query) => {
    for (let failures = 0; ; failures += 1) {
      try {
        const rows = await runQuery(azure, workspace, query, call);
        isFirst = false;
        return rows;
      } catch (error) {
        const { retryable, retryAfterMs = POLL_MS } = classify(error);
        if (isFirst || !retryable || failures >= MAX_FAILURES || call.signal.aborted) throw error;
        await call.clock.sleep(retryAfterMs, call.signal);
      }
    }
  };
}

interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * What a function logs and prints, and what the host says of calls that it ended. What a handler throws is told by lines of
 * the function's own.
 */
function queryOf(
  siteName: string,
  { fromMs, toMs }: Window,
  requestId: string | undefined,
  size: number,
): string {
  const common = [
    `where AppRoleName == ${quoted(siteName)}`,
    `where TimeGenerated >= ${moment(fromMs)} and TimeGenerated < ${moment(toMs)}`,
  ];
  const isOfCall = requestId === undefined ? '' : `OperationId == ${quoted(traceIdOf(requestId))}`;
  const traces = [
    'AppTraces',
    ...common,
    // The host's own lines have other categories.
    'where tostring(Properties.Category) endswith ".User" or tostring(Properties.Category) == "Host.Function.Console"',
    ...(requestId === undefined
      ? []
      : [`where Message contains ${quoted(requestId)} or ${isOfCall}`]),
  ];
  const ends = [
    'AppExceptions',
    ...common,
    `where ${TELLS_OF_END}`,
    'extend Kind = "end", InvocationId = tostring(Properties.InvocationId)',
    ...(requestId === undefined ? [] : [`where ${isOfCall}`]),
  ];
  return [
    `union (${traces.join(' | ')}), (${ends.join(' | ')})`,
    'project TimeGenerated, Message, SeverityLevel, OperationId, AppRoleInstance, Kind, Details, InvocationId',
    'order by TimeGenerated asc',
    `take ${size}`,
  ].join(' | ');
}

async function* linesOf(
  read: Read,
  siteName: string,
  window: Window,
  requestId: string | undefined,
): AsyncGenerator<Line> {
  let { fromMs } = window;
  let size = PAGE_SIZE;
  for (;;) {
    const rows = await read(queryOf(siteName, { ...window, fromMs }, requestId, size));
    const repeats = new Map<string, number>();
    const lines = rows.flatMap((row) => lineOf(row, repeats, requestId) ?? []).sort(byTime);
    const lastMs = Date.parse(textOf(rows.at(-1)?.['TimeGenerated']));
    if (rows.length < size || Number.isNaN(lastMs)) {
      yield* lines;
      return;
    }
    if (lastMs > fromMs || size < MAX_PAGE_SIZE) {
      // The page may end amid a moment: the next one begins with the whole of it, and holds it all.
      for (const line of lines) if (line.timeMs < lastMs) yield line;
      size = lastMs > fromMs ? PAGE_SIZE : size * 2;
      fromMs = lastMs;
    } else {
      yield* lines;
      fromMs = lastMs + 1;
      size = PAGE_SIZE;
    }
  }
}

function isWanted(entry: LogEntry, { requestId, minLevel }: LogsQuery): boolean {
  if (requestId !== undefined && entry.requestId !== requestId) return false;
  return minLevel === undefined || ORDER.indexOf(entry.level) >= ORDER.indexOf(minLevel);
}

function noWorkspace(ref: FunctionRef): ServerlessError {
  return new ServerlessError({
    code: 'UNSUPPORTED',
    provider: 'azure',
    function: ref.name,
    message: `"${ref.name}" has no Application Insights, so its log is kept nowhere. Take \`applicationInsights: false\` out of providerOptions.azure and deploy again.`,
  });
}
