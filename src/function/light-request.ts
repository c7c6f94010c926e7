/**
 * A `Request` that costs little until more is asked of it than its URL, method, headers and whole body.
 *
 * The real one is made when something else is read, and when the light one is given to `new Request` or `fetch`:
 * these look at private state that only a real one has, so both are wrapped to unwrap ours.
 */

/** What a platform's shim knows of a request. */
export interface RequestParts {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** Name, value, name, value ... as they came, repeated names included. */
  readonly headers: readonly string[];
  /** Null when there is none. Dropped for GET and HEAD, which carry none. */
  readonly body: Uint8Array | null;
  /** Aborts when the client goes away. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a `Request` from its parts. It is an `instanceof Request` and behaves as one; reading `url`, `method`,
 * `headers` or the whole body does not construct the platform's own.
 *
 * The first call wraps the globals `Request` and `fetch`, so that they take such a request.
 *
 * @example
 * ```ts
 * import { createRequest } from 'polyfaas/function';
 *
 * const body = new TextEncoder().encode('{"id":7}');
 * const headers = ['content-type', 'application/json'];
 * export const request = createRequest({ method: 'POST', url: 'https://shop.example/orders', headers, body });
 * ```
 */
export function createRequest(parts: RequestParts): Request {
  prepareRequests();
  const request = new LightRequest(parts);
  if (isRequest(request)) return request;
  throw new TypeError('the global Request was replaced after createRequest had prepared it');
}

/** The headers as they came, for a request that {@link createRequest} made. */
export function rawHeadersOf(request: Request): readonly string[] | undefined {
  return LightRequest.partsOf(request)?.headers;
}

/** Methods that `Request` turns to upper case. */
const NORMALISED: ReadonlySet<string> = new Set([
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'POST',
  'PUT',
]);

const decoder = new TextDecoder();

class LightRequest {
  readonly #parts: RequestParts;
  readonly #bytes: Uint8Array | null;
  readonly method: string;
  #url: string | undefined;
  #headers: Headers | undefined;
  #real: Request | undefined;
  #used = false;

  constructor(parts: RequestParts) {
    const upper = parts.method.toUpperCase();
    this.#parts = parts;
    this.method = NORMALISED.has(upper) ? upper : parts.method;
    this.#bytes = upper === 'GET' || upper === 'HEAD' ? null : parts.body;
  }

  static partsOf(value: object): RequestParts | undefined {
    return #parts in value ? value.#parts : undefined;
  }

  /** The real request behind ours; anything else as it is. */
  static unwrap(value: unknown): unknown {
    return typeof value === 'object' && value !== null && #parts in value ? value.#make() : value;
  }

  get url(): string {
    this.#url ??= new URL(this.#parts.url).href;
    return this.#url;
  }

  get headers(): Headers {
    if (this.#real !== undefined) return this.#real.headers;
    this.#headers ??= readHeaders(this.#parts.headers);
    return this.#headers;
  }

  get body(): ReadableStream | null {
    return this.#bytes === null ? null : this.#make().body;
  }

  get bodyUsed(): boolean {
    return this.#used || (this.#real?.bodyUsed ?? false);
  }

  async text(): Promise<string> {
    return this.#real === undefined ? decoder.decode(this.#take()) : await this.#real.text();
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await this.arrayBuffer());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    if (this.#real !== undefined) return await this.#real.arrayBuffer();
    // A copy: the caller owns it, and our bytes may be a view of something larger.
    return new Uint8Array(this.#take()).buffer;
  }

  #take(): Uint8Array {
    if (this.#used) throw new TypeError('Body is unusable: Body has already been read');
    if (this.#bytes === null) return new Uint8Array();
    this.#used = true;
    return this.#bytes;
  }

  #make(): Request {
    if (this.#real === undefined) {
      const { headers, method } = this;
      const { signal } = this.#parts;
      const body = this.#bytes === null ? {} : { body: new Uint8Array(this.#bytes) };
      const init: RequestInit = { method, headers, ...body, ...(signal ? { signal } : {}) };
      this.#real = new Request(this.url, init);
      // What was read here must count as read there.
      if (this.#used) void this.#real.arrayBuffer();
    }
    return this.#real;
  }

  /** Any other property of a real request. */
  static delegate(key: string): void {
    Object.defineProperty(LightRequest.prototype, key, {
      configurable: true,
      get(this: LightRequest): unknown {
        const real = this.#make();
        const value: unknown = Reflect.get(real, key);
        return typeof value === 'function' ? value.bind(real) : value;
      },
    });
  }
}

let prepared = false;

/**
 * Wraps the globals `Request` and `fetch`, which {@link createRequest} does by itself. A shim that will serve
 * HTTP calls this before it loads the user's code, so that code which keeps `fetch` in a constant has the wrapped one.
 */
export function prepareRequests(): void {
  if (prepared) return;
  prepared = true;
  const native = globalThis.Request;
  for (const key of Object.keys(Object.getOwnPropertyDescriptors(native.prototype))) {
    if (!(key in LightRequest.prototype) && key !== 'method') LightRequest.delegate(key);
  }
  Object.setPrototypeOf(LightRequest.prototype, native.prototype);
  globalThis.Request = new Proxy(native, {
    construct: (target, [input, ...rest], newTarget) =>
      Reflect.construct(target, [LightRequest.unwrap(input), ...rest], newTarget),
  });
  globalThis.fetch = new Proxy(globalThis.fetch, {
    apply: (target, self, [input, ...rest]) =>
      Reflect.apply(target, self, [LightRequest.unwrap(input), ...rest]),
  });
}

function isRequest(value: unknown): value is Request {
  return value instanceof Request;
}

function readHeaders(pairs: readonly string[]): Headers {
  const headers = new Headers();
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const name = pairs[index] ?? '';
    // HTTP/2 pseudo-headers are no headers.
    if (!name.startsWith(':')) headers.append(name, pairs[index + 1] ?? '');
  }
  return headers;
}
