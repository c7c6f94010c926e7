/** A small server on this machine, and clients that speak to it as if it were Google. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { GoogleAuth, OAuth2Client, type AuthClient } from 'google-auth-library';
import { onTestFinished } from 'vitest';
import { createClients, type ClientSettings } from '../../../providers/gcp/clients/create.ts';
import type { GcpClients } from '../../../providers/gcp/clients/index.ts';
import { ENDPOINTS } from '../../../providers/gcp/options/endpoints.ts';

export const PROJECT = 'shop-123456';
export const LOCATION = 'europe-west1';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Said {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Never answers. */
  readonly hangs?: boolean;
  /** Closes the connection. */
  readonly resets?: boolean;
}

export interface Server {
  readonly url: string;
  readonly seen: readonly Seen[];
}

export async function serve(answer: (request: Seen) => Said): Promise<Server> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') };
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
      response.end(isText ? said.body : said.body === undefined ? '' : JSON.stringify(said.body));
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
  return { url: `http://127.0.0.1:${port}`, seen };
}

/** Clients whose every API is that server. */
export function clientsOf(
  server: Pick<Server, 'url'>,
  parts: {
    readonly client?: AuthClient;
    readonly settings?: Partial<ClientSettings>;
    readonly now?: () => number;
  } = {},
): GcpClients {
  const names = Object.keys(ENDPOINTS);
  const endpoints = {
    ...ENDPOINTS,
    ...Object.fromEntries(names.map((name) => [name, server.url])),
  };
  const gcp = createClients(
    {
      projectId: PROJECT,
      projectNumber: null,
      location: LOCATION,
      auth: authOf(parts.client ?? tokenClient('token-1')),
      endpoints,
      certificates: `${server.url}/certs`,
      invokerServiceAccount: null,
      ...parts.settings,
    },
    parts.now ?? (() => Date.now()),
  );
  onTestFinished(() => gcp.close());
  return gcp;
}

export function authOf(authClient: AuthClient): GoogleAuth {
  // The type knows only the library's own clients.
  return new GoogleAuth({ authClient, projectId: PROJECT });
}

export function tokenClient(token: string, endsAt = Date.now() + 3_600_000): OAuth2Client {
  const client = new OAuth2Client();
  client.setCredentials({ access_token: token, expiry_date: endsAt });
  return client;
}

/** A token of such claims, signed by nobody. */
export function jwt(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl`;
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

export const NEVER: AbortSignal = new AbortController().signal;
