/** One HTTP server for the API and for each plane. The deployer's requests may go wrong. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendStream } from './send-stream.ts';
import type { FakeClock, FunctionRequest, PlaneHost, WireReply } from './ports.ts';
import { faultReply, plainFault } from './wire-forms.ts';

/** An answer as it goes out: headers as name, value, name, value. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** Instead of the body: see `WireReply.stream`. */
  readonly stream?: AsyncIterable<string>;
}

/** A call of the deployer on its way to a plane. */
export interface Exchange {
  /** The plane's name. */
  readonly plane: string;
  readonly method: string;
  /** As it was sent, with the query. */
  readonly url: string;
  readonly body: Buffer;
  readonly isWrite: boolean;
  /** Lets the plane act. */
  act(): Promise<Answer>;
  /** What the plane says when it does nothing. */
  instead(kind: 'throttled' | 'failed'): Answer;
}

/** What comes of it: an answer, a broken connection, or silence. */
export type ExchangeOutcome = Answer | 'destroy' | 'hang';

export type Intercept = (exchange: Exchange) => Promise<ExchangeOutcome>;

type Plane = Parameters<PlaneHost['open']>[0];

export interface PlaneServersOptions {
  readonly clock: FakeClock;
  /** Stands between the wire and the planes, for calls of the deployer. Default: they just act. */
  readonly intercept?: Intercept;
}

export class PlaneServers implements PlaneHost {
  readonly #options: PlaneServersOptions;
  readonly #servers = new Map<string, Server>();
  /** By name: what is made again, as a project of the same name, has the address of before. */
  readonly #ports = new Map<string, number>();
  readonly #opening = new Set<Promise<string>>();

  constructor(options: PlaneServersOptions) {
    this.#options = options;
  }

  open(plane: Plane): Promise<string> {
    const opening = this.#open(plane);
    this.#opening.add(opening);
    // Whoever opened it hears of what went wrong.
    void opening.then(
      () => this.#opening.delete(opening),
      () => this.#opening.delete(opening),
    );
    return opening;
  }

  /** Resolves when all planes that are being opened are. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#opening);
  }

  async #open(plane: Plane): Promise<string> {
    if (this.#servers.has(plane.name)) throw new Error(`The plane ${plane.name} is open`);
    // A client must never meet a connection that was closed for idleness: that would be a fault nobody asked for.
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 });
    this.#servers.set(plane.name, server);
    server.on('request', (request, response) => void this.#serve(plane, request, response));
    await listen(server, this.#ports.get(plane.name) ?? 0);
    const port = portOf(server.address());
    this.#ports.set(plane.name, port);
    return `http://127.0.0.1:${port}`;
  }

  async close(name: string): Promise<void> {
    const server = this.#servers.get(name);
    if (!server) return;
    this.#servers.delete(name);
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#servers.keys()].map((name) => this.close(name)));
  }

  async #serve(plane: Plane, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that goes away takes its answer's place with it; what was asked for is done all the same.
    response.on('error', () => {});
    try {
      const outcome = await this.#answer(plane, incoming, response);
      if (outcome === 'destroy') incoming.socket.destroy();
      else if (outcome !== 'hang') await send(response, outcome, incoming.method === 'HEAD');
    } catch (error) {
      if (!response.headersSent) await send(response, answerOf(faultReply(error)), false);
    }
  }

  async #answer(
    plane: Plane,
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<ExchangeOutcome> {
    const gone = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    const request: FunctionRequest = {
      method: incoming.method ?? 'GET',
      url: incoming.url ?? '/',
      headers: incoming.rawHeaders,
      body: await bodyOf(incoming),
      signal: gone.signal,
    };
    const act = async (): Promise<Answer> => {
      try {
        return await plane.handle(request);
      } catch (error) {
        return answerOf(faultReply(error));
      }
    };
    const { intercept, clock } = this.#options;
    if (plane.isDeployers?.(request) !== true || !intercept) return act();
    return intercept({
      plane: plane.name,
      method: request.method,
      url: request.url,
      body: request.body,
      // Of a plane that does not tell, all are invocations.
      isWrite: plane.isWrite?.(request) ?? false,
      act,
      instead: (kind) => answerOf(plainFault(plane.name, kind, clock.now())),
    });
  }
}

/** On another port, when somebody else has taken that one meanwhile. */
async function listen(server: Server, port: number): Promise<void> {
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    if (port === 0) throw error;
    await listen(server, 0);
  }
}

function portOf(address: string | AddressInfo | null): number {
  if (typeof address !== 'object' || !address) throw new Error('The server listens on no port');
  return address.port;
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) {
    if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function answerOf({ status, headers, body, stream }: WireReply): Answer {
  const isJson = typeof body === 'object' && !Buffer.isBuffer(body);
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(isJson ? JSON.stringify(body) : (body ?? ''));
  const all = {
    ...(isJson && { 'content-type': 'application/json; charset=utf-8' }),
    ...headers,
  };
  return { status, headers: Object.entries(all).flat(), body: bytes, ...(stream && { stream }) };
}

/** Headers with names in lower case; those that come twice are joined. */
export function headersOf(raw: readonly string[]): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const value = raw[index + 1] ?? '';
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length']);

async function send(
  response: ServerResponse,
  { status, headers, body, stream }: Answer,
  isHead: boolean,
): Promise<void> {
  if (response.destroyed) return;
  const hasBody = status !== 204 && status !== 304 && !isHead;
  const kept: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    if (!HOP_BY_HOP.has(name.toLowerCase())) kept.push(name, headers[index + 1] ?? '');
  }
  if (stream) {
    response.writeHead(status, kept);
    return sendStream(response, stream);
  }
  if (hasBody) kept.push('content-length', String(body.length));
  response.writeHead(status, kept);
  response.end(hasBody ? body : undefined);
}
