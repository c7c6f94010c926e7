/** `GET /v1/projects/{project}/deployments/{deployment}/runtime-logs`: what functions print, as it is printed. */
import { notFound, badRequest } from '../core/fault.ts';
import type { ApiService, RestCall, TelemetryPort, WireReply, World } from '../core/ports.ts';
import { hostOf } from '../runtime/environment.ts';
import { LiveLines } from './live-lines.ts';

const PATH = /^\/v1\/projects\/([^/]+)\/deployments\/([^/]+)\/runtime-logs$/;
/** How long a line is kept ("Runtime logs": on Pro, without Observability Plus). */
const KEPT_MS = 24 * 3_600_000;
/** A longer message is cut off ("Runtime logs": limits). */
const MAX_BYTES = 256 * 1024;

interface Row {
  readonly deploymentId: string;
  readonly timeMs: number;
  /** As it is sent. */
  readonly text: string;
}

export interface RuntimeLogs {
  readonly service: ApiService;
  line: TelemetryPort['line'];
  /** Ends the answers that are still open. */
  stop(): void;
}

export function createRuntimeLogs(world: World): RuntimeLogs {
  const rows: Row[] = [];
  const open = new Set<LiveLines>();
  const listeners = new Map<string, Set<LiveLines>>();
  let count = 0;

  function answer({ method, path, query }: RestCall): WireReply | undefined {
    const match = PATH.exec(path);
    if (!match || method !== 'GET') return undefined;
    const [, project = '', deploymentId = ''] = match;
    for (const [name, value] of query) {
      const isKnown = ['teamId', 'slug'].includes(name) || (name === 'format' && value === 'lines');
      if (!isKnown) throw badRequest(`Invalid request: query parameter \`${name}\` is not known.`);
    }
    const projectId = world.projects.projectIdOf(project);
    if (projectId === undefined) throw notFound('Project not found');
    if (world.projects.deploymentById(deploymentId)?.projectId !== projectId)
      throw notFound('Deployment not found');
    const since = world.clock.now() - KEPT_MS;
    const history = rows.filter((row) => row.deploymentId === deploymentId && row.timeMs >= since);
    return {
      status: 200,
      headers: { 'content-type': 'application/stream+json; charset=utf-8' },
      stream: follow(
        deploymentId,
        history.map(({ text }) => text),
      ),
    };
  }

  function follow(deploymentId: string, history: readonly string[]): LiveLines {
    const followers = listeners.get(deploymentId) ?? new Set();
    listeners.set(deploymentId, followers);
    const lines = new LiveLines(history, () => {
      followers.delete(lines);
      open.delete(lines);
    });
    followers.add(lines);
    open.add(lines);
    return lines;
  }

  return {
    service: {
      handle: (call) => Promise.resolve().then(() => answer(call)),
      inventory: () => [],
    },
    line({ deploymentId, timeMs, stream, text, requestPath, requestMethod }) {
      count += 1;
      const bytes = Buffer.from(text);
      const isCut = bytes.length > MAX_BYTES;
      const deployment = world.projects.deploymentById(deploymentId);
      const row = {
        level: stream === 'stderr' ? 'error' : 'info',
        message: isCut ? bytes.subarray(0, MAX_BYTES).toString() : text,
        messageTruncated: isCut,
        rowId: `${timeMs}${String(count).padStart(10, '0')}`,
        source: 'serverless',
        timestampInMs: timeMs,
        domain: deployment ? hostOf(deployment) : '',
        requestMethod,
        requestPath,
        // A line is told before the answer to its request is there.
        responseStatusCode: 0,
      };
      const sent = `${JSON.stringify(row)}\n`;
      rows.push({ deploymentId, timeMs, text: sent });
      for (const lines of listeners.get(deploymentId) ?? []) lines.push(sent);
    },
    stop() {
      for (const lines of open) lines.end();
    },
  };
}
