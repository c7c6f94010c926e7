import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ExchangeOutcome, Intercept } from './intercept.ts';
import { listen } from './listen.ts';

/** What answers on a port of its own. */
interface Plane<Request, Reply> {
  readonly name: string;
  handle(request: Request): Promise<Reply>;
}

/** What is the platform's own about its planes. */
export interface WireForm<AnyPlane, Request, Reply> {
  /** Stands between the wire and the planes, for calls of the deployer. Default: they just act. */
  readonly intercept: Intercept<Reply> | undefined;
  /** Whether what is made again by the same name has the address of before. */
  readonly keepsPorts: boolean;
  read(plane: AnyPlane, incoming: IncomingMessage, response: ServerResponse): Promise<Request>;
  /** True for a request of the deployer's, which is counted and may go wrong. */
  isDeployers(plane: AnyPlane, request: Request): boolean;
  /** Whether a request of the deployer's changes something. */
  isWrite(plane: AnyPlane, request: Request): boolean;
  /** The answer for what a plane threw. */
  refuse(plane: string, error: unknown): Reply;
  /**
   * What answers in the place of a plane that is gone: a front that all customers share. Without it, and where it is
   * undefined, nobody does.
   */
  gone?(plane: string, url: string): Reply | undefined;
  /** What a plane says when it does nothing. */
  instead(plane: string, kind: 'throttled' | 'failed'): Reply;
  send(response: ServerResponse, reply: Reply, isHead: boolean): void | Promise<void>;
}

/** Each is a port of this machine. */
const MOST_GONE = 8;

interface Place<AnyPlane> {
  readonly server: Server;
  /** Undefined when it is gone. */
  plane: AnyPlane | undefined;
}

/** One HTTP server for each plane. The deployer's requests may go wrong on the way. */
export class PlaneServers<
  AnyPlane extends Plane<Request, Reply>,
  Request extends { readonly method: string; readonly url: string; readonly body: Buffer },
  Reply extends object,
> {
  readonly #form: WireForm<AnyPlane, Request, Reply>;
  readonly #places = new Map<string, Place<AnyPlane>>();
  /** Names, the oldest first. */
  readonly #gone = new Set<string>();
  readonly #ports = new Map<string, number>();
  readonly #opening = new Set<Promise<string>>();

  constructor(form: WireForm<AnyPlane, Request, Reply>) {
    this.#form = form;
  }

  /** Resolves to `http://127.0.0.1:PORT`. */
  open(plane: AnyPlane): Promise<string> {
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

  async close(name: string): Promise<void> {
    const place = this.#places.get(name);
    if (!place || this.#gone.has(name)) return;
    if (this.#form.gone?.(name, '/') === undefined) return this.#end(name, place);
    // Who is connected has to connect anew.
    place.plane = undefined;
    place.server.closeAllConnections();
    this.#gone.add(name);
    const [oldest] = this.#gone;
    const last = oldest === undefined ? undefined : this.#places.get(oldest);
    if (this.#gone.size > MOST_GONE && oldest !== undefined && last) await this.#end(oldest, last);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#places].map(([name, place]) => this.#end(name, place)));
  }

  async #end(name: string, { server }: Place<AnyPlane>): Promise<void> {
    this.#places.delete(name);
    this.#gone.delete(name);
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  async #open(plane: AnyPlane): Promise<string> {
    const gone = this.#gone.delete(plane.name) ? this.#places.get(plane.name) : undefined;
    if (gone) {
      gone.plane = plane;
      return `http://127.0.0.1:${this.#ports.get(plane.name)}`;
    }
    if (this.#places.has(plane.name)) throw new Error(`The plane ${plane.name} is open`);
    // A client must never meet a connection that was closed for idleness: that would be a fault nobody asked for.
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 });
    const place: Place<AnyPlane> = { server, plane };
    this.#places.set(plane.name, place);
    server.on(
      'request',
      (request, response) => void this.#serve(plane.name, place, request, response),
    );
    const port = await listen(server, this.#ports.get(plane.name) ?? 0);
    if (this.#form.keepsPorts) this.#ports.set(plane.name, port);
    return `http://127.0.0.1:${port}`;
  }

  async #serve(
    name: string,
    { plane }: Place<AnyPlane>,
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const form = this.#form;
    // A client that goes away takes its answer's place with it; what was asked for is done all the same.
    response.on('error', () => {});
    try {
      const outcome = plane
        ? await this.#answer(plane, incoming, response)
        : (form.gone?.(name, incoming.url ?? '/') ?? 'destroy');
      if (outcome === 'destroy') incoming.socket.destroy();
      else if (outcome !== 'hang') await form.send(response, outcome, incoming.method === 'HEAD');
    } catch (error) {
      if (!response.headersSent) await form.send(response, form.refuse(name, error), false);
    }
  }

  async #answer(
    plane: AnyPlane,
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<ExchangeOutcome<Reply>> {
    const form = this.#form;
    const request = await form.read(plane, incoming, response);
    const act = async (): Promise<Reply> => {
      try {
        return await plane.handle(request);
      } catch (error) {
        return form.refuse(plane.name, error);
      }
    };
    if (!form.isDeployers(plane, request) || !form.intercept) return act();
    return form.intercept({
      plane: plane.name,
      method: request.method,
      url: request.url,
      body: request.body,
      isWrite: form.isWrite(plane, request),
      act,
      instead: (kind) => form.instead(plane.name, kind),
    });
  }
}
