/** Cloud Logging: what instances print, and `entries:list`. */
import { GoogleFault } from '../core/fault.ts';
import type { ApiService, RestCall, TelemetryPort, WireReply, World } from '../core/ports.ts';
import { parseFilter, SEVERITIES, type FieldReader } from './filter.ts';

interface Entry {
  readonly timeMs: number;
  /** When it can be read. */
  readonly visibleMs: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** From the standard output to the first query that finds it. */
const LAG_MS = 2_000;
const MAX_PAGE = 1_000;
/** An entry has at most 256 KB (Cloud Logging, "Quotas and limits"). */
const MAX_BYTES = 256_000;
const KNOWN = ['resourceNames', 'filter', 'orderBy', 'pageSize', 'pageToken'];

export interface LoggingFake {
  readonly service: ApiService;
  line: TelemetryPort['line'];
  request: TelemetryPort['request'];
}

/** Where an entry comes from. */
interface Place {
  readonly service: string;
  readonly revision: string;
  readonly instanceId: string | undefined;
  readonly timeMs: number;
  /** The end of its log's name. */
  readonly log: string;
}

export function createLogging(world: World): LoggingFake {
  const entries: Entry[] = [];
  let count = 0;

  function answer(call: RestCall): WireReply | undefined {
    if (call.method !== 'POST' || call.path !== '/v2/entries:list') return undefined;
    const body = fieldsOf(call.body);
    for (const name of Object.keys(body)) {
      if (!KNOWN.includes(name)) {
        throw invalid(`Invalid JSON payload received. Unknown name "${name}": Cannot find field.`);
      }
    }
    const { resourceNames, filter = '', orderBy = 'timestamp asc', pageToken = '' } = body;
    if (!Array.isArray(resourceNames) || resourceNames.length === 0) {
      throw invalid('At least one resource name is required.');
    }
    if (resourceNames.some((name) => name !== `projects/${world.projectId}`)) {
      throw new GoogleFault('PERMISSION_DENIED', "Permission 'logging.logEntries.list' denied.");
    }
    if (orderBy !== 'timestamp asc' && orderBy !== 'timestamp desc') {
      throw invalid('order_by must be "timestamp asc" or "timestamp desc".');
    }
    const size = body['pageSize'] ?? 50;
    if (typeof size !== 'number' || size < 1 || size > MAX_PAGE) {
      throw invalid(`page_size must be between 1 and ${MAX_PAGE}.`);
    }
    if (typeof filter !== 'string' || typeof pageToken !== 'string') throw invalid('Not a text.');
    const isWanted = parseFilter(filter === '' ? 'timestamp>="1970-01-01T00:00:00Z"' : filter);
    const now = world.clock.now();
    const found = entries
      .filter(({ visibleMs, value }) => visibleMs <= now && isWanted(readerOf(value)))
      .toSorted((one, other) => one.timeMs - other.timeMs);
    if (orderBy === 'timestamp desc') found.reverse();
    const from = pageToken === '' ? 0 : Number(pageToken);
    if (!Number.isSafeInteger(from)) throw invalid('page_token is invalid');
    const page = found.slice(from, from + size);
    return {
      status: 200,
      body: {
        ...(page.length > 0 && { entries: page.map(({ value }) => value) }),
        ...(found.length > from + size && { nextPageToken: String(from + size) }),
      },
    };
  }

  function add(
    { service, revision, instanceId, timeMs, log }: Place,
    fields: Readonly<Record<string, unknown>>,
  ): void {
    count += 1;
    entries.push({
      timeMs,
      visibleMs: world.clock.now() + LAG_MS,
      value: {
        insertId: `${timeMs.toString(16)}${String(count).padStart(8, '0')}`,
        resource: {
          type: 'cloud_run_revision',
          labels: {
            project_id: world.projectId,
            location: world.location,
            service_name: service,
            revision_name: revision,
            configuration_name: service,
          },
        },
        timestamp: new Date(timeMs).toISOString(),
        receiveTimestamp: new Date(world.clock.now() + LAG_MS).toISOString(),
        logName: `projects/${world.projectId}/logs/run.googleapis.com%2F${encodeURIComponent(log)}`,
        labels: instanceId === undefined ? {} : { instanceId },
        ...fields,
      },
    });
  }

  return {
    service: {
      api: 'logging',
      handle: (call) => Promise.resolve(answer(call)),
      inventory: () => [],
    },
    line({ service, revision, instanceId, timeMs, stream, text }) {
      if (text === '') return;
      const severity = stream === 'varlog/system' ? { severity: severityOf(text) } : {};
      add(
        { service, revision, instanceId, timeMs, log: stream },
        { ...severity, ...payloadOf(text.slice(0, MAX_BYTES)) },
      );
    },
    request({ status, latencyMs, traceId, method, url, said, timeMs, ...about }) {
      const place = { ...about, timeMs, log: 'requests' };
      add(place, {
        trace: `projects/${world.projectId}/traces/${traceId}`,
        // "Request logs": by the class of the status.
        severity: status >= 500 ? 'ERROR' : status >= 400 ? 'WARNING' : 'INFO',
        httpRequest: {
          requestMethod: method,
          requestUrl: url,
          status,
          latency: `${(latencyMs / 1_000).toFixed(9)}s`,
        },
        ...(said === undefined ? {} : { textPayload: said }),
      });
    },
  };
}

/** As Cloud Run has it for what it says of its instances. */
function severityOf(text: string): string {
  return text.startsWith('Memory limit') ? 'ERROR' : 'WARNING';
}

/** A line that is a JSON object is structured ("Structured logging": special fields are taken out of the payload). */
function payloadOf(text: string): Readonly<Record<string, unknown>> {
  const parsed = text.startsWith('{') ? parse(text) : undefined;
  if (parsed === undefined) return { textPayload: text };
  const { severity, 'logging.googleapis.com/trace': trace, ...payload } = parsed;
  const own = {
    ...(typeof severity === 'string' && SEVERITIES.includes(severity) ? { severity } : {}),
    ...(typeof trace === 'string' ? { trace } : {}),
  };
  const names = Object.keys(payload);
  if (names.length === 1 && typeof payload['message'] === 'string') {
    return { ...own, textPayload: payload['message'] };
  }
  return { ...own, jsonPayload: payload };
}

function readerOf(entry: Readonly<Record<string, unknown>>): FieldReader {
  return (path) => path.split('.').reduce<unknown>((value, name) => fieldsOf(value)[name], entry);
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? fieldsOf(value) : undefined;
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function invalid(message: string): GoogleFault {
  return new GoogleFault('INVALID_ARGUMENT', message);
}
