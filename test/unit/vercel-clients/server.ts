/** A small server on this machine, and clients that speak to it as if it were Vercel. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { createClients, type ClientSettings } from '../../../providers/vercel/clients/create.ts';
import type { VercelClients } from '../../../providers/vercel/clients/index.ts';

export const TOKEN = 'token-1';
export const TEAM = 'team_1';

export interface Seen {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** As it was sent, after the mark. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Said {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Never answers. */
  readonly hangs?: boolean;
  /** Closes the connection. */
  readonly resets?: boolean;
  /** Writes the body by itself. */
  readonly stream?: (response: ServerResponse) => void;
}

export interface Server {
  readonly url: string;
  readonly seen: readonly Seen[];
  /** Requests whose connection is gone before they were answered. */
  abandoned(): number;
}

export async function serve(answer: (request: Seen) => Said): Promise<Server> {
  const seen: Seen[] = [];
  let abandoned = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    response.on('close', () => {
      if (!response.writableFinished) abandoned += 1;
    });
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const [path = '', query = ''] = url.split('?');
      const one = { method, path, query, headers, body: Buffer.concat(chunks) };
      seen.push(one);
      const said = answer(one);
      if (said.hangs) return;
      if (said.resets) {
        request.socket.destroy();
        return;
      }
      const isText = typeof said.body === 'string';
      response.writeHead(said.status ?? 200, {
        'content-type': isText ? 'text/html' : 'application/json',
        ...said.headers,
      });
      if (said.stream) said.stream(response);
      else response.end(isText ? said.body : JSON.stringify(said.body));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, seen, abandoned: () => abandoned };
}

export function clientsOf(
  server: Pick<Server, 'url'>,
  settings: Partial<ClientSettings> = {},
  now?: () => number,
): VercelClients {
  const all = {
    token: TOKEN,
    team: TEAM,
    apiEndpoint: server.url,
    queueEndpoint: 'https://{region}.vercel-queue.com',
    ...settings,
  };
  const vercel = createClients(all, now);
  onTestFinished(() => vercel.close());
  return vercel;
}

/** What is thrown. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail.');
}

/** Until it is so. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

export const NEVER: AbortSignal = new AbortController().signal;
