/** One HTTP server for all services. The credential scope of a request's signature says which it is for. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { faultOf } from './access.ts';
import type { Caller } from './ports.ts';
import { restFault } from './rest.ts';
import { AwsFault, type Service, type WireReply, type WireRequest } from './service.ts';
import { plainFault } from './wire-forms.ts';

/** Whom an access key belongs to, or why it is refused. */
export type Authentication =
  | {
      readonly caller: Caller;
      /** Of a role: whether its policies allow an action. */
      readonly allows?: (action: string, resource: string) => boolean;
    }
  | { readonly refused: 'unknownKey' | 'expired' };

/** A call on its way to a service. */
export interface Exchange {
  readonly accessKeyId: string;
  readonly operation: string;
  readonly request: WireRequest;
  /** Lets the service act. */
  act(): Promise<WireReply>;
}

/** What comes of it: an answer, a broken connection, or silence. */
export type ExchangeOutcome = WireReply | 'destroy' | 'hang';

export interface FakeServerOptions {
  /**
   * The secret key cannot be checked: the signature is only read for its key and scope. Default: everyone is a user
   * who may do everything.
   */
  readonly authenticate?: (accessKeyId: string, sessionToken: string | undefined) => Authentication;
  /** Stands between the wire and the services. */
  readonly intercept?: (exchange: Exchange) => Promise<ExchangeOutcome>;
}

const ANYONE: Caller = { kind: 'user', arn: 'arn:aws:iam::123456789012:user/anyone' };

export class FakeServer {
  readonly endpoint: string;
  readonly #server: Server;
  readonly #options: FakeServerOptions;
  readonly #services = new Map<string, Service>();

  private constructor(server: Server, port: number, options: FakeServerOptions) {
    this.#server = server;
    this.#options = options;
    this.endpoint = `http://127.0.0.1:${port}`;
  }

  static async start(options: FakeServerOptions = {}): Promise<FakeServer> {
    // A client must never meet a connection that was closed for idleness: that would be a fault nobody asked for.
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const made = new FakeServer(server, portOf(server.address()), options);
    server.on('request', (request, response) => void made.#serve(request, response));
    return made;
  }

  add(service: Service): void {
    this.#services.set(service.id, service);
  }

  /** Stops the services, too. */
  async stop(): Promise<void> {
    await Promise.all([...this.#services.values()].map(async (service) => service.stop?.()));
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that goes away takes its answer's place with it; what was asked for is done all the same.
    response.on('error', () => {});
    try {
      const outcome = await this.#answer(incoming);
      if (outcome === 'destroy') incoming.socket.destroy();
      else if (outcome !== 'hang') send(response, outcome, incoming.method === 'HEAD');
    } catch (error) {
      if (!response.headersSent) send(response, restFault(faultOf(error)), false);
    }
  }

  async #answer(incoming: IncomingMessage): Promise<ExchangeOutcome> {
    const headers = headersOf(incoming);
    const [path = '/', search = ''] = splitOnce(incoming.url ?? '/', '?');
    const query = new URLSearchParams(search);
    const body = await bodyOf(incoming, headers);
    const credential = credentialOf(headers, query);
    if (!credential) return plainFault('lambda', 'unsigned');
    const service = this.#services.get(credential.service);
    if (!service) {
      throw new AwsFault(404, 'UnknownService', `There is no service ${credential.service}`);
    }
    const token = headers['x-amz-security-token'] ?? query.get('X-Amz-Security-Token') ?? undefined;
    const who = this.#options.authenticate?.(credential.accessKeyId, token) ?? { caller: ANYONE };
    if ('refused' in who) return plainFault(service.id, who.refused);
    const request: WireRequest = {
      service: service.id,
      method: incoming.method ?? 'GET',
      path,
      query,
      headers,
      body,
      region: credential.region,
      caller: who.caller,
      ...(who.allows && { allows: who.allows }),
    };
    const operation = service.operationOf?.(request) ?? `${request.method} ${path}`;
    const act = (): Promise<WireReply> => service.handle(request);
    const { accessKeyId } = credential;
    return this.#options.intercept?.({ accessKeyId, operation, request, act }) ?? act();
  }
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

async function bodyOf(
  incoming: IncomingMessage,
  headers: Readonly<Record<string, string>>,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) {
    if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  // The SDK compresses what is large, as for PutMetricData. An object for S3 stays as it is.
  const isPacked = headers['content-encoding'] === 'gzip' && headers['x-amz-target'] !== undefined;
  return isPacked ? gunzipSync(body) : body;
}

interface Credential {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

/** `AKID/20260101/eu-west-1/lambda/aws4_request`, of the header or of a signed URL. */
function credentialOf(
  headers: Readonly<Record<string, string>>,
  query: URLSearchParams,
): Credential | undefined {
  const scope =
    /Credential=([^,\s]+)/.exec(headers['authorization'] ?? '')?.[1] ??
    query.get('X-Amz-Credential');
  const [accessKeyId, , region, service, end] = scope?.split('/') ?? [];
  if (!accessKeyId || !region || !service || end !== 'aws4_request') return undefined;
  return { accessKeyId, region, service };
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function send(response: ServerResponse, reply: WireReply, isHead: boolean): void {
  if (response.destroyed) return;
  const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
  const hasBody = reply.status !== 204 && reply.status !== 304;
  response.writeHead(reply.status, {
    ...(hasBody && !isHead && { 'content-length': String(body?.length ?? 0) }),
    ...reply.headers,
  });
  response.end(hasBody && !isHead ? body : undefined);
}
