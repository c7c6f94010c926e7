/** One HTTP server for each plane. Bearer tokens say who asks; the deployer's requests may go wrong on the way. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Caller, WireReply } from './ports.ts';
import type { Plane, PlaneHost, PlaneRequest } from './service.ts';
import { faultReply } from './wire-forms.ts';

export type PlaneReply = WireReply & { readonly setCookies?: readonly string[] };

/** A call of the deployer on its way to a plane. */
export interface Exchange {
  /** The plane's name. */
  readonly plane: string;
  readonly request: PlaneRequest;
  readonly isWrite: boolean;
  /** Lets the plane act. */
  act(): Promise<PlaneReply>;
}

/** What comes of it: an answer, a broken connection, or silence. */
export type ExchangeOutcome = PlaneReply | 'destroy' | 'hang';

export interface PlaneServersOptions {
  callerOf(token: string, audience: string): Caller | undefined;
  /** Stands between the wire and the planes, for calls of the deployer. Default: they just act. */
  readonly intercept?: (exchange: Exchange) => Promise<ExchangeOutcome>;
}

export class PlaneServers implements PlaneHost {
  readonly #options: PlaneServersOptions;
  readonly #servers = new Map<string, Server>();

  constructor(options: PlaneServersOptions) {
    this.#options = options;
  }

  async open(plane: Plane): Promise<string> {
    if (this.#servers.has(plane.name)) throw new Error(`The plane ${plane.name} is open`);
    // A client must never meet a connection that was closed for idleness: that would be a fault nobody asked for.
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 });
    this.#servers.set(plane.name, server);
    server.on('request', (request, response) => void this.#serve(plane, request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${portOf(server.address())}`;
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
      const outcome = await this.#answer(plane, incoming);
      if (outcome === 'destroy') incoming.socket.destroy();
      else if (outcome !== 'hang') send(response, outcome, incoming.method === 'HEAD');
    } catch (error) {
      if (!response.headersSent) send(response, faultReply(plane.name, error), false);
    }
  }

  async #answer(plane: Plane, incoming: IncomingMessage): Promise<ExchangeOutcome> {
    const headers = headersOf(incoming);
    const token = /^Bearer (.+)$/i.exec(headers['authorization'] ?? '')?.[1];
    const { audience } = plane;
    const caller =
      token === undefined || audience === undefined
        ? undefined
        : this.#options.callerOf(token, audience);
    const request: PlaneRequest = {
      method: incoming.method ?? 'GET',
      url: incoming.url ?? '/',
      headers,
      body: await bodyOf(incoming),
      caller,
    };
    const act = async (): Promise<PlaneReply> => {
      try {
        return await plane.handle(request);
      } catch (error) {
        return faultReply(plane.name, error);
      }
    };
    const isDeployers = caller?.kind === 'deployer' || plane.isDeployers?.(request) === true;
    if (!isDeployers || !this.#options.intercept) return act();
    const isWrite = plane.isWrite?.(request) ?? isWriting(request.method);
    return this.#options.intercept({ plane: plane.name, request, isWrite, act });
  }
}

function isWriting(method: string): boolean {
  return !['GET', 'HEAD', 'OPTIONS'].includes(method);
}

function portOf(address: string | AddressInfo | null): number {
  if (typeof address !== 'object' || !address) throw new Error('The server listens on no port');
  return address.port;
}

function headersOf(incoming: IncomingMessage): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) {
    if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, reply: PlaneReply, isHead: boolean): void {
  if (response.destroyed) return;
  const { body } = reply;
  const isJson = typeof body === 'object' && !Buffer.isBuffer(body);
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(isJson ? JSON.stringify(body) : (body ?? ''));
  const hasBody = reply.status !== 204 && reply.status !== 304 && !isHead;
  const headers: Record<string, string | readonly string[]> = {
    ...(isJson && { 'content-type': 'application/json; charset=utf-8' }),
    ...(hasBody && { 'content-length': String(bytes.length) }),
    ...reply.headers,
    ...(reply.setCookies?.length && { 'set-cookie': reply.setCookies }),
  };
  response.writeHead(reply.status, headersFor(headers));
  response.end(hasBody ? bytes : undefined);
}

function headersFor(
  headers: Readonly<Record<string, string | readonly string[]>>,
): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : [...value],
    ]),
  );
}
