/**
 * `GET https://vercel.com/api/logs/request-logs`: what was printed, by request, the newest first. Not in Vercel's public
 * reference: the vendor's command line reads logs by it (`packages/cli/src/util/logs-v2.ts` of github.com/vercel/vercel).
 */
import { badRequest, notFound, VercelFault } from '../core/fault.ts';
import type {
  ApiService,
  LoggedRequest,
  RestCall,
  TelemetryPort,
  WireReply,
  World,
} from '../core/ports.ts';
import { hostOf } from '../runtime/environment.ts';
import { printedLine, type PrintedLine } from './printed-line.ts';

const PATH = '/api/logs/request-logs';
/** How long a request is kept ("Runtime logs": on Pro, without Observability Plus). */
const KEPT_MS = 24 * 3_600_000;
/** From the moment at which something happened to the first answer that shows it. */
const LAG_MS = 3_000;
const PAGE = 50;
const NEEDED = ['projectId', 'ownerId', 'page', 'startDate', 'endDate'] as const;
const KNOWN: ReadonlySet<string> = new Set([...NEEDED, 'deploymentId', 'teamId', 'slug']);

type Entry<Name extends 'line' | 'invocation'> = Parameters<TelemetryPort[Name]>[0];

interface Row {
  readonly projectId: string;
  readonly deploymentId: string;
  readonly request: LoggedRequest;
  readonly lines: { readonly timeMs: number; readonly line: PrintedLine }[];
  /** 0 while it is under way. */
  status: number;
}

export interface RequestLogs {
  readonly service: ApiService;
  /** A line outside of all requests is in none of them. */
  line(entry: Entry<'line'>): void;
  invocation(entry: Entry<'invocation'>): void;
}

export function createRequestLogs(world: World): RequestLogs {
  /** By deployment and request. */
  const rows = new Map<string, Row>();

  function answer({ method, path, query }: RestCall): WireReply | undefined {
    if (path !== PATH || method !== 'GET') return undefined;
    for (const name of query.keys())
      if (!KNOWN.has(name)) throw badRequest(`Invalid request: \`${name}\` is not known.`);
    for (const name of NEEDED)
      if (!query.get(name)) throw badRequest(`Invalid request: \`${name}\` is required.`);
    const projectId = query.get('projectId') ?? '';
    if (world.projects.projectIdOf(projectId) !== projectId) throw notFound('Project not found');
    if (query.get('ownerId') !== world.teamId)
      throw new VercelFault(403, 'forbidden', 'You do not have permission to read these logs.');
    const from = numberOf(query, 'startDate');
    const to = numberOf(query, 'endDate');
    const page = numberOf(query, 'page');
    if (from > to) throw badRequest('Invalid request: `startDate` must not be after `endDate`.');
    const deploymentId = query.get('deploymentId');
    const now = world.clock.now();
    const least = Math.max(from, now - KEPT_MS);
    const most = Math.min(to, now - LAG_MS);
    const found = [...rows.values()]
      .reverse()
      .filter(
        (row) =>
          row.projectId === projectId &&
          (deploymentId === null || row.deploymentId === deploymentId) &&
          row.request.timeMs >= least &&
          row.request.timeMs <= most,
      )
      .toSorted((one, other) => other.request.timeMs - one.request.timeMs);
    const end = (page + 1) * PAGE;
    const shown = found.slice(page * PAGE, end).map((row) => viewOf(row, now - LAG_MS));
    return { status: 200, body: { rows: shown, hasMoreRows: found.length > end } };
  }

  function viewOf({ deploymentId, request, lines, status }: Row, latest: number): object {
    const deployment = world.projects.deploymentById(deploymentId);
    return {
      requestId: request.id,
      timestamp: new Date(request.timeMs).toISOString(),
      deploymentId,
      requestMethod: request.method,
      requestPath: request.path,
      statusCode: status,
      environment: deployment?.target ?? 'preview',
      domain: deployment ? hostOf(deployment) : '',
      logs: lines.filter(({ timeMs }) => timeMs <= latest).map(({ line }) => line),
      events: [{ source: 'serverless' }],
    };
  }

  function rowOf(
    request: LoggedRequest,
    { projectId, deploymentId }: Pick<Row, 'projectId' | 'deploymentId'>,
  ): Row {
    const key = `${deploymentId} ${request.id}`;
    const row = rows.get(key) ?? { projectId, deploymentId, request, lines: [], status: 0 };
    rows.set(key, row);
    return row;
  }

  return {
    service: {
      handle: (call) => Promise.resolve().then(() => answer(call)),
      inventory: () => [],
    },
    line(entry) {
      const { request, timeMs, stream, text } = entry;
      if (request) rowOf(request, entry).lines.push({ timeMs, line: printedLine(stream, text) });
    },
    invocation(entry) {
      if (entry.request) rowOf(entry.request, entry).status = entry.status;
    },
  };
}

function numberOf(query: URLSearchParams, name: string): number {
  const value = Number(query.get(name));
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw badRequest(`Invalid request: \`${name}\` should be a number.`);
}
