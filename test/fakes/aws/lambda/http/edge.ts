/** An HTTP server of its own for a function URL or an API: what AWS gives a host name, the fake gives a port. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface EdgeRequest {
  readonly method: string;
  /** As it was sent: percent-encoded. */
  readonly rawPath: string;
  readonly rawQuery: string;
  /** Lower-case names, each as often as it was sent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly sourceIp: string;
}

export interface EdgeReply {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | Buffer;
}

export interface EdgeOptions {
  /** A larger body is answered 413 by itself. */
  readonly maxBodyBytes: number;
  handle(request: EdgeRequest): Promise<EdgeReply>;
}

export interface Edge {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  close(): Promise<void>;
}

/** An answer of the edge itself, in JSON. */
export function edgeMessage(
  status: number,
  message: string,
  headers: EdgeReply['headers'] = [],
  name: 'message' | 'Message' = 'message',
): EdgeReply {
  return {
    status,
    headers: [['content-type', 'application/json'], ...headers],
    body: JSON.stringify({ [name]: message }),
  };
}

/** The values of a header, joined as AWS does; undefined when it was not sent. */
export function header(request: EdgeRequest, name: string): string | undefined {
  const values = request.headers.filter(([key]) => key === name).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(',');
}

export async function openEdge(options: EdgeOptions): Promise<Edge> {
  // A caller must never meet a connection that was closed for idleness.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void serve(options, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server that listens on TCP has such an address
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

async function serve(
  options: EdgeOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const body = await readBody(request, options.maxBodyBytes);
    send(
      response,
      body === undefined
        ? edgeMessage(413, 'Request Entity Too Large')
        : await options.handle(normalize(request, body)),
    );
  } catch (error) {
    if (!response.headersSent && !response.destroyed) {
      send(response, edgeMessage(500, `The fake failed: ${String(error)}`));
    }
  }
}

/** Reads to the end even when it is too large: an answer in the middle would reset the connection. */
async function readBody(request: IncomingMessage, max: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size <= max) parts.push(bytes);
  }
  return size > max ? undefined : Buffer.concat(parts);
}

function normalize(request: IncomingMessage, body: Buffer): EdgeRequest {
  const url = request.url ?? '/';
  const question = url.indexOf('?');
  const headers: [string, string][] = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    headers.push([
      (request.rawHeaders[index] ?? '').toLowerCase(),
      request.rawHeaders[index + 1] ?? '',
    ]);
  }
  return {
    method: request.method ?? 'GET',
    rawPath: question < 0 ? url : url.slice(0, question),
    rawQuery: question < 0 ? '' : url.slice(question + 1),
    headers,
    body,
    sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
  };
}

function send(response: ServerResponse, reply: EdgeReply): void {
  response.statusCode = reply.status;
  for (const [name, value] of reply.headers) {
    // Node counts the bytes itself, and keeps the connection as it likes.
    if (['content-length', 'transfer-encoding', 'connection'].includes(name.toLowerCase()))
      continue;
    response.appendHeader(name, value);
  }
  response.end(reply.body);
}
