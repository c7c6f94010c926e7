import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** What an instance says over HTTP. */
export interface RuntimeApiListener {
  initError(instanceId: string, body: string): void;
  /** A streamed answer, whole. `failure`: the error that ended it. */
  streamed(instanceId: string, requestId: string, body: string, failure: string | undefined): void;
}

const INIT_ERROR = '/2018-06-01/runtime/init/error';
const RESPONSE = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/response$/;

/**
 * The part of the Runtime API that Amazon's client speaks itself: a failed start, and streamed answers. For the rest it
 * has a native part, for which the bootstrap stands.
 */
export class RuntimeApi {
  readonly #listener: RuntimeApiListener;
  #server: Server | undefined;
  #address: Promise<string> | undefined;

  constructor(listener: RuntimeApiListener) {
    this.#listener = listener;
  }

  /** `127.0.0.1:PORT`, once it listens. */
  address(): Promise<string> {
    this.#address ??= this.#listen();
    return this.#address;
  }

  async stop(): Promise<void> {
    await this.#address;
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #listen(): Promise<string> {
    const server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    this.#server = server;
    server.unref();
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        if (address === null || typeof address === 'string') reject(new Error('has no port'));
        else resolve(`127.0.0.1:${address.port}`);
      });
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks).toString();
    const id = String(request.headers['x-instance']);
    const streamed = RESPONSE.exec(request.url ?? '');
    if (request.url === INIT_ERROR) this.#listener.initError(id, body);
    else if (streamed?.[1] !== undefined) {
      const failure = request.trailers['lambda-runtime-function-error-body'];
      const error = failure === undefined ? undefined : Buffer.from(failure, 'base64').toString();
      this.#listener.streamed(id, decodeURIComponent(streamed[1]), body, error);
    } else {
      response.writeHead(404).end('{"errorType":"InvalidRequest"}');
      return;
    }
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
  }
}
