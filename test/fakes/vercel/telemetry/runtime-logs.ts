/**
 * `GET /v1/projects/{project}/deployments/{deployment}/runtime-logs`: what functions print while somebody listens, and
 * nothing of before. What was printed before is in `request-logs.ts`.
 */
import { notFound, badRequest } from '../core/fault.ts';
import type { ApiService, RestCall, TelemetryPort, WireReply, World } from '../core/ports.ts';
import { hostOf } from '../runtime/environment.ts';
import { LiveLines } from './live-lines.ts';
import { printedLine } from './printed-line.ts';

const PATH = /^\/v1\/projects\/([^/]+)\/deployments\/([^/]+)\/runtime-logs$/;

export interface RuntimeLogs {
  readonly service: ApiService;
  line: TelemetryPort['line'];
  /** Ends the answers that are still open. */
  stop(): void;
}

export function createRuntimeLogs(world: World): RuntimeLogs {
  const open = new Set<LiveLines>();
  const listeners = new Map<string, Set<LiveLines>>();
  let count = 0;

  async function answer({ method, path, query, signal }: RestCall): Promise<WireReply | undefined> {
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
    const lines = follow(deploymentId);
    signal?.addEventListener('abort', () => lines.end(), { once: true });
    // Not even the head of the answer comes before there is something to show.
    await lines.begun;
    return {
      status: 200,
      headers: { 'content-type': 'application/stream+json; charset=utf-8' },
      stream: lines,
    };
  }

  function follow(deploymentId: string): LiveLines {
    const followers = listeners.get(deploymentId) ?? new Set();
    listeners.set(deploymentId, followers);
    const lines = new LiveLines(() => {
      followers.delete(lines);
      open.delete(lines);
    });
    followers.add(lines);
    open.add(lines);
    return lines;
  }

  return {
    service: {
      handle: answer,
      inventory: () => [],
    },
    line({ deploymentId, timeMs, stream, text, requestPath, requestMethod }) {
      count += 1;
      const deployment = world.projects.deploymentById(deploymentId);
      const row = {
        ...printedLine(stream, text),
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
      for (const lines of listeners.get(deploymentId) ?? []) lines.push(sent);
    },
    stop() {
      for (const lines of open) lines.end();
    },
  };
}
