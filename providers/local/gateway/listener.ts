/** The listening socket and its connections. */
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Clock, ServerlessError } from 'polyfaas/spi';

export type RequestHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  expectsContinue: boolean,
) => void;

/** How long clients may take; milliseconds. */
export interface ClientLimits {
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly checkEveryMs: number;
}

export const DEFAULT_CLIENT_LIMITS: ClientLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 120_000,
  keepAliveTimeoutMs: 60_000,
  checkEveryMs: 5_000,
};

interface Connection {
  /** The responses to the requests that are under way. */
  readonly open: Set<ServerResponse>;
  /** The one to the newest of them. */
  newest: ServerResponse | undefined;
}

export class Listener {
  readonly host: string;
  readonly port: number;
  readonly #server: Server;
  readonly #requestTimeoutMs: number;
  /** The open connections, and what is under way on each. */
  readonly #sockets = new Map<Socket, Connection>();
  #stopping: Promise<void> | undefined;

  /**
   * Begins to listen.
   *
   * @throws ServerlessError CONFLICT when the port is taken, PERMISSION_DENIED, INVALID_ARGUMENT, UNAVAILABLE.
   */
  static async start(
    host: string,
    port: number,
    handle: RequestHandler,
    limits: ClientLimits,
  ): Promise<Listener> {
    const options: ServerOptions = {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: limits.checkEveryMs,
    };
    // Not imported: an import reads every export of the module, and one of them loads Node's whole HTTP client.
    const server = process.getBuiltinModule('node:http').createServer(options);
    await new Promise<void>((resolve, reject) => {
      const onError = (error: Error): void => reject(listenFailure(error, host, port));
      server.once('error', onError);
      server.listen({ host, port }, () => {
        server.off('error', onError);
        resolve();
      });
    });
    return new Listener(server, host, handle, limits.requestTimeoutMs);
  }

  private constructor(
    server: Server,
    host: string,
    handle: RequestHandler,
    requestTimeoutMs: number,
  ) {
    const address = server.address();
    this.host = host;
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    this.#server = server;
    this.#requestTimeoutMs = requestTimeoutMs;
    // Running out of file descriptors, say, ends one accept and not the process.
    server.on('error', () => {});
    server.on('connection', (socket) => {
      const connection: Connection = { open: new Set(), newest: undefined };
      this.#sockets.set(socket, connection);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        closeAll(connection.open);
      });
    });
    const accept = (
      request: IncomingMessage,
      response: ServerResponse,
      expectsContinue: boolean,
    ): void => {
      this.#track(request.socket, response);
      handle(request, response, expectsContinue);
    };
    server.on('request', (request, response) => accept(request, response, false));
    server.on('checkContinue', (request, response) => accept(request, response, true));
  }

  /**
   * Takes no new connections, ends idle ones at once and the rest when they are done, or after `graceMs`.
   * May be called again with another grace; the one that ends first counts.
   *
   * @param graceMs without it, requests that have arrived may take as long as they like.
   */
  stop(clock: Clock, graceMs?: number): Promise<void> {
    const stopping = (this.#stopping ??= this.#close());
    if (graceMs !== undefined && graceMs <= 0) {
      this.#destroy();
      return stopping;
    }
    if (graceMs !== undefined) {
      // Not by the injected clock: requests live in real time, and who closes moves no clock meanwhile.
      const grace = setTimeout(() => this.#destroy(), graceMs);
      return stopping.finally(() => clearTimeout(grace));
    }
    // A server that is closed does not look after this any more.
    const cancelTimer = clock.after(this.#requestTimeoutMs, () => this.#destroyUnsent());
    return stopping.finally(cancelTimer);
  }

  #close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const [socket, { newest }] of this.#sockets) {
        if (newest) endConnectionAfter(newest);
        else socket.destroy();
      }
    });
  }

  #destroy(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  /** Ends the connections on which a request is still being sent. */
  #destroyUnsent(): void {
    for (const [socket, { newest }] of this.#sockets) {
      if (newest?.req.complete === false) socket.destroy();
    }
  }

  #track(socket: Socket, response: ServerResponse): void {
    const connection = this.#sockets.get(socket);
    if (!connection) return;
    connection.open.add(response);
    connection.newest = response;
    if (this.#stopping) endConnectionAfter(response);
    response.once('close', () => {
      connection.open.delete(response);
      if (connection.open.size > 0) return;
      connection.newest = undefined;
      // Ended softly: what was written last may still be on its way.
      if (this.#stopping) socket.destroySoon();
    });
  }
}

/** Closes the responses that waited for one before them: the oldest Nodes tell only that one of the connection's end. */
function closeAll(responses: ReadonlySet<ServerResponse>): void {
  for (const response of responses) {
    if (response.destroyed || response.socket !== null) continue;
    response.destroy();
    response.emit('close');
  }
}

/** Says so in its head, where that was not sent yet. */
function endConnectionAfter(response: ServerResponse): void {
  response.shouldKeepAlive = false;
}

function listenFailure(error: Error, host: string, port: number): ServerlessError {
  const code = 'code' in error ? error.code : undefined;
  const details = { host, port };
  if (code === 'EADDRINUSE') {
    return new ServerlessError({
      code: 'CONFLICT',
      provider: 'local',
      message: `Port ${port} on ${host} is in use. Set providerOptions.local.port to another port, or to 0 for any free one.`,
      details,
      cause: error,
    });
  }
  if (code === 'EACCES') {
    return new ServerlessError({
      code: 'PERMISSION_DENIED',
      provider: 'local',
      message: `This process may not listen on port ${port} of ${host}. Set providerOptions.local.port to 1024 or more, or to 0 for any free one.`,
      details,
      cause: error,
    });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new ServerlessError({
      code: 'INVALID_ARGUMENT',
      provider: 'local',
      message: `This machine has no address "${host}". Set providerOptions.local.host to 127.0.0.1, or to one of its own addresses.`,
      details,
      cause: error,
    });
  }
  return new ServerlessError({
    code: 'UNAVAILABLE',
    provider: 'local',
    message: `The gateway cannot listen on port ${port} of ${host}: ${error.message}`,
    details,
    cause: error,
  });
}
