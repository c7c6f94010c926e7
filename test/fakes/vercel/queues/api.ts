/** The wire of Vercel Queues, version 3. https://vercel.com/docs/queues/api */
import type { FunctionReply, FunctionRequest, World } from '../core/ports.ts';
import { QueueFault } from './fault.ts';
import { checkName, checkPayload, settingsOf } from './message.ts';
import type { ProjectQueues } from './project-queues.ts';

const PATH = /^\/api\/v3\/topic\/([^/]+)(?:\/consumer\/([^/]+)(?:\/lease\/([^/]+))?)?$/;
const DEFAULT_CONTENT_TYPE = 'application/octet-stream';

export class QueueApi {
  readonly #world: World;
  readonly #queuesOf: (projectId: string) => ProjectQueues;

  constructor(world: World, queuesOf: (projectId: string) => ProjectQueues) {
    this.#world = world;
    this.#queuesOf = queuesOf;
  }

  async handle(request: FunctionRequest): Promise<FunctionReply> {
    try {
      return this.#route(request);
    } catch (error) {
      if (!(error instanceof QueueFault)) throw error;
      return reply(error.status, { error: error.message }, error.headers);
    }
  }

  #route(request: FunctionRequest): FunctionReply {
    const { method, url, body } = request;
    const headers = namedHeaders(request.headers);
    const [path = ''] = url.split('?');
    const match = PATH.exec(path);
    if (!match) throw new QueueFault(404, 'Not found');
    const [topic = '', consumer, receipt] = match.slice(1).map(decoded);
    const queues = this.#queuesOf(this.#projectOf(headers));
    checkName('topic', topic);
    if (consumer === undefined) {
      if (method !== 'POST') throw new QueueFault(405, 'Method not allowed');
      checkPayload(body);
      const settings = settingsOf(headers);
      const contentType = headers['content-type'] ?? DEFAULT_CONTENT_TYPE;
      const messageId = queues.send(topic, body, { settings, contentType, headers });
      return reply(201, { messageId }, { 'vqs-message-id': messageId });
    }
    checkName('consumer group', consumer);
    // Messages are pushed: asking for them is not offered here.
    if (receipt === undefined) throw new QueueFault(501, 'Receiving is not offered');
    if (method !== 'DELETE' && method !== 'PATCH') throw new QueueFault(405, 'Method not allowed');
    const deploymentId = headers['vqs-deployment-id'];
    const group = queues.groupOf(receipt, { topic, consumer, deploymentId });
    if (method === 'DELETE') {
      group.acknowledge(receipt);
      return reply(204);
    }
    group.changeVisibility(receipt, secondsIn(body));
    return reply(200, { success: true });
  }

  #projectOf({ authorization = '' }: Readonly<Record<string, string>>): string {
    const [, token] = /^Bearer (\S+)$/i.exec(authorization) ?? [];
    const owner = token === undefined ? undefined : this.#world.edge.ownerOfToken(token);
    if (!owner) throw new QueueFault(401, 'Missing or invalid authentication token');
    return owner.projectId;
  }
}

function decoded(segment: string | undefined): string | undefined {
  if (segment === undefined) return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new QueueFault(400, `Invalid path segment "${segment}"`);
  }
}

function secondsIn(body: Buffer): unknown {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    const isObject = typeof parsed === 'object' && parsed !== null;
    return isObject && 'visibilityTimeoutSeconds' in parsed
      ? parsed.visibilityTimeoutSeconds
      : undefined;
  } catch {
    return undefined;
  }
}

function namedHeaders(raw: readonly string[]): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < raw.length; index += 2) {
    headers[(raw[index] ?? '').toLowerCase()] = raw[index + 1] ?? '';
  }
  return headers;
}

function reply(
  status: number,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): FunctionReply {
  const all = { ...(body && { 'content-type': 'application/json' }), ...headers };
  return {
    status,
    headers: Object.entries(all).flat(),
    body: Buffer.from(body ? JSON.stringify(body) : ''),
  };
}
