/** A function's log, from Cloud Logging. */
import {
  type CallContext,
  type FunctionRef,
  type LogEntry,
  type LogLevel,
  type LogsQuery,
  notDeployed,
  traceIdOf,
} from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { classify } from '../errors.ts';
import { fieldsOf, listOf, textOf } from '../json.ts';
import type { GcpObserved } from '../model.ts';
import { decodeCursor } from './cursor.ts';
import { type About, lineOf, type Line } from './entry.ts';

/** A project may ask 60 times a minute for entries (Cloud Logging, "Quotas and limits"). */
const POLL_MS = 10_000;
/** Entries reach the log in no order: so far back a follower looks again. */
const LOOK_BACK_MS = 60_000;
const PAGE_SIZE = 1_000;
/** So many failures in a row, of a kind that passes, end the reading. */
const MAX_FAILURES = 5;

const ORDER: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/**
 * The entries of a window, oldest first: what the function logs and prints, and what Cloud Run says of instances that end
 * and of requests that it ends.
 *
 * @throws ServerlessError NOT_FOUND for a function that is not deployed, INVALID_ARGUMENT for a cursor that is none.
 */
export async function* readLogs(
  gcp: GcpClients,
  ref: FunctionRef,
  observed: GcpObserved,
  query: LogsQuery,
  call: CallContext,
): AsyncGenerator<LogEntry> {
  const start = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  if (observed.function === null || observed.isStranger || observed.record.live === null) {
    throw notDeployed('gcp', ref);
  }
  const projectId = await gcp.projectId(call.signal);
  const source = { projectId, location: gcp.location, service: observed.physicalName };
  const { requestId } = query;
  const trace =
    requestId === undefined ? '' : `projects/${projectId}/traces/${traceIdOf(requestId)}`;
  const about: About = {
    ...(requestId === undefined ? {} : { request: { id: requestId, trace } }),
    versions: new Map(
      observed.record.versions.flatMap(({ revision, version }) =>
        revision === null ? [] : [[revision, version] as const],
      ),
    ),
  };
  const read = readerOf(gcp, projectId, call);
  /** What a follower may meet again, with its time. */
  const seen = new Map<string, number>();
  let from = start?.timestamp ?? query.from;
  let left = query.limit;
  let isPast = start === undefined;
  for (;;) {
    const to = query.follow ? new Date(call.clock.now() + 60_000).toISOString() : query.to;
    let newestMs = Date.parse(from);
    for await (const line of linesOf(read, filterOf(source, from, to, about), about)) {
      const timeMs = Date.parse(line.timestamp);
      newestMs = Math.max(newestMs, timeMs);
      const id = `${line.timestamp} ${line.insertId}`;
      if (seen.has(id)) continue;
      if (query.follow) seen.set(id, timeMs);
      if (start !== undefined && !isPast) {
        if (line.timestamp === start.timestamp) {
          isPast = line.insertId === start.insertId;
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
    const lookMs = Math.max(Date.parse(from), newestMs - LOOK_BACK_MS);
    if (lookMs > Date.parse(from)) from = new Date(lookMs).toISOString();
    for (const [id, timeMs] of seen) if (timeMs < lookMs) seen.delete(id);
    await call.clock.sleep(POLL_MS, call.signal);
  }
}

type Read = (filter: string, pageToken: string) => Promise<Readonly<Record<string, unknown>>>;

/** The core repeats what fails before the first entry, and cannot do so behind it. */
function readerOf(gcp: GcpClients, projectId: string, call: CallContext): Read {
  let isFirst = true;
  return async (filter, pageToken) => {
    for (let failures = 0; ; failures += 1) {
      try {
        const answer = await gcp.rest({
          api: 'logging',
          method: 'POST',
          path: '/v2/entries:list',
          body: {
            resourceNames: [`projects/${projectId}`],
            filter,
            orderBy: 'timestamp asc',
            pageSize: PAGE_SIZE,
            ...(pageToken === '' ? {} : { pageToken }),
          },
          signal: call.signal,
        });
        isFirst = false;
        return fieldsOf(answer);
      } catch (error) {
        const { retryable, retryAfterMs = POLL_MS } = classify(error);
        if (isFirst || !retryable || failures >= MAX_FAILURES || call.signal.aborted) throw error;
        await call.clock.sleep(retryAfterMs, call.signal);
      }
    }
  };
}

async function* linesOf(read: Read, filter: string, about: About): AsyncGenerator<Line> {
  let pageToken = '';
  do {
    const answer = await read(filter, pageToken);
    // Lines of one moment come in no order of their own.
    yield* listOf(answer['entries'])
      .flatMap((entry) => lineOf(entry, about) ?? [])
      .sort((one, other) =>
        one.timestamp === other.timestamp
          ? one.seq - other.seq
          : Date.parse(one.timestamp) - Date.parse(other.timestamp),
      );
    pageToken = textOf(answer['nextPageToken']);
  } while (pageToken !== '');
}

function filterOf(
  { projectId, location, service }: Readonly<Record<'projectId' | 'location' | 'service', string>>,
  from: string,
  to: string,
  { request }: About,
): string {
  const log = (name: string): string =>
    `"projects/${projectId}/logs/run.googleapis.com%2F${encodeURIComponent(name)}"`;
  const told = [
    `logName=(${log('stdout')} OR ${log('stderr')})`,
    // Instances that end: what is less is told of each start.
    `(logName=${log('varlog/system')} AND severity>=WARNING)`,
    // Requests that Cloud Run ended, or had no instance for, have a text; those that the function answered have none.
    `(logName=${log('requests')} AND (severity>=ERROR OR httpRequest.status=429) AND (textPayload:"request" OR textPayload:"instance"))`,
  ];
  return [
    'resource.type="cloud_run_revision"',
    `resource.labels.service_name="${service}"`,
    `resource.labels.location="${location}"`,
    `(${told.join(' OR ')})`,
    `timestamp>="${from}"`,
    `timestamp<"${to}"`,
    'NOT jsonPayload.polyfaas="call"',
    ...(request === undefined
      ? []
      : [`(jsonPayload.requestId=${quoted(request.id)} OR trace=${quoted(request.trace)})`]),
  ].join(' AND ');
}

/** Control characters are written as JSON writes them ("Logging query language", strings). */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function isWanted(entry: LogEntry, { requestId, minLevel }: LogsQuery): boolean {
  if (requestId !== undefined && entry.requestId !== requestId) return false;
  return minLevel === undefined || ORDER.indexOf(entry.level) >= ORDER.indexOf(minLevel);
}
