/**
 * A `Response` that costs little until more is asked of it than its status, headers and whole body.
 *
 * Most handlers make one of a text or of bytes, and nobody but the platform's shim ever looks at it. So body and
 * headers are kept as given, and the platform's own response is made when something else is asked for: the body as a
 * stream, a clone, a form. Whatever is out of the ordinary, such as a body that is a stream or a wrong header, is the
 * real one's from the start, so that it behaves, and fails, as the real one does.
 */
import {
  copyHeaders,
  headersOf,
  type HeaderList,
  listHeaders,
  sortHeaders,
} from './header-list.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Status codes with which a response has no body. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);
const PLAIN_REASON = /^[\t\x20-\x7e\x80-\xff]*$/;
const TEXT_TYPE = 'text/plain;charset=UTF-8';
const FORM_TYPE = 'application/x-www-form-urlencoded;charset=UTF-8';
const JSON_TYPE = 'application/json';

type Body = ConstructorParameters<typeof Response>[0];
type Init = ConstructorParameters<typeof Response>[1];
type KeptBody = string | Uint8Array<ArrayBuffer> | null;

/** What a shim needs of a response whose body is no stream. */
export interface LightParts {
  readonly status: number;
  readonly statusText: string;
  /** Name, value, name, value ...; lower case, sorted, `set-cookie` repeated. */
  readonly headers: string[];
  readonly bodyUsed: boolean;
  /** The bytes, or the text that they are the encoding of. Belongs to the reader. */
  readonly body: KeptBody;
}

type Native = typeof Response;

let native: Native | undefined;

function platformResponse(): Native {
  native ??= globalThis.Response;
  return native;
}

class LightResponse {
  #status = 200;
  #statusText = '';
  #body: KeptBody = null;
  #type: string | undefined;
  #list: HeaderList = [];
  #headers: Headers | undefined;
  #real: Response | undefined;
  #used = false;

  constructor(body?: Body, init?: Init) {
    if (!this.#keepInit(init) || !this.#keepBody(body)) {
      this.#real = new (platformResponse())(body, init);
    }
  }

  static {
    Object.defineProperty(LightResponse, 'name', { value: 'Response', configurable: true });
    Object.defineProperty(LightResponse, 'length', { value: 0, configurable: true });
    // As in the real one.
    for (const key of Object.getOwnPropertyNames(LightResponse.prototype)) {
      if (key !== 'constructor') {
        Object.defineProperty(LightResponse.prototype, key, { enumerable: true });
      }
    }
  }

  /** What `fetch` gave is a `Response` as well. Classes that extend this one are asked in the ordinary way. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return this === LightResponse
      ? value instanceof platformResponse()
      : Function.prototype[Symbol.hasInstance].call(this, value);
  }

  static error(): Response {
    return platformResponse().error();
  }

  static redirect(...given: Parameters<Native['redirect']>): Response {
    return platformResponse().redirect(...given);
  }

  static json(...given: Parameters<Native['json']>): Response {
    const [data, init] = given;
    // What has no text, such as a function, and what is no init, is for the real one to refuse.
    const isOurs =
      given.length > 0 && init !== null && (init === undefined || typeof init === 'object');
    const text = isOurs ? jsonText(data) : undefined;
    if (text === undefined) return platformResponse().json(...given);
    const made = new LightResponse(text, init);
    if (made.#real === undefined) made.#type = JSON_TYPE;
    else made.#real = platformResponse().json(...given);
    return made;
  }

  /** The parts of a response of ours that nobody made a real one of; of any other, undefined. */
  static partsOf(value: object): LightParts | undefined {
    if (!(#real in value) || value.#real !== undefined) return undefined;
    // A class that extends it may answer otherwise, and so may one that was given properties.
    const isPlain = Object.getPrototypeOf(value) === LightResponse.prototype;
    if (!isPlain || Reflect.ownKeys(value).length > 0) return undefined;
    return {
      status: value.#status,
      statusText: value.#statusText,
      headers: value.#headers === undefined ? value.#sorted() : copyHeaders(value.#headers),
      bodyUsed: value.#used,
      body: value.#body,
    };
  }

  /** Its body was read, by whoever took its parts. */
  static use(value: object): void {
    if (#real in value) value.#used = value.#body !== null;
  }

  get type(): Response['type'] {
    return this.#real?.type ?? 'default';
  }

  get url(): string {
    return this.#real?.url ?? '';
  }

  get redirected(): boolean {
    return this.#real?.redirected ?? false;
  }

  get status(): number {
    return this.#real?.status ?? this.#status;
  }

  get ok(): boolean {
    const { status } = this;
    return status >= 200 && status <= 299;
  }

  get statusText(): string {
    return this.#real?.statusText ?? this.#statusText;
  }

  /** Always the same one, also when a real response was made meanwhile. */
  get headers(): Headers {
    this.#headers ??= this.#real?.headers ?? headersOf(this.#sorted());
    return this.#headers;
  }

  get body(): Response['body'] {
    return this.#body === null && this.#real === undefined ? null : this.#make().body;
  }

  get bodyUsed(): boolean {
    return this.#real?.bodyUsed ?? this.#used;
  }

  clone(): Response {
    return this.#make().clone();
  }

  async blob(): ReturnType<Response['blob']> {
    return await this.#make().blob();
  }

  async formData(): ReturnType<Response['formData']> {
    return await this.#make().formData();
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#real === undefined ? this.#take().buffer : await this.#real.arrayBuffer();
  }

  async bytes(): ReturnType<Response['bytes']> {
    return this.#real === undefined ? this.#take() : await this.#real.bytes();
  }

  async text(): Promise<string> {
    return this.#real === undefined ? decoder.decode(this.#take()) : await this.#real.text();
  }

  async json(): Promise<unknown> {
    return this.#real === undefined
      ? JSON.parse(decoder.decode(this.#take()))
      : await this.#real.json();
  }

  /** False when it is for the real one to judge. */
  #keepInit(init: Init): boolean {
    if (init === undefined || init === null) return true;
    if (typeof init !== 'object') return false;
    const { status, statusText, headers } = init;
    if (status !== undefined) {
      if (!Number.isInteger(status) || status < 200 || status > 599) return false;
      this.#status = status;
    }
    if (statusText !== undefined) {
      if (typeof statusText !== 'string' || !PLAIN_REASON.test(statusText)) return false;
      this.#statusText = statusText;
    }
    if (headers === undefined) return true;
    const list = listHeaders(headers);
    if (list === undefined) return false;
    this.#list = list;
    return true;
  }

  #keepBody(body: Body): boolean {
    if (body === undefined || body === null) return true;
    if (WITHOUT_BODY.has(this.#status)) return false;
    if (typeof body === 'string') {
      this.#body = body;
      this.#type = TEXT_TYPE;
      return true;
    }
    if (body instanceof Uint8Array) {
      if (body.buffer.constructor !== ArrayBuffer || body.buffer.detached) return false;
      // A copy: the handler may use its own again.
      this.#body = new Uint8Array(body);
      return true;
    }
    if (body instanceof ArrayBuffer && !body.detached) {
      this.#body = new Uint8Array(body.slice(0));
      return true;
    }
    if (body instanceof URLSearchParams) {
      this.#body = body.toString();
      this.#type = FORM_TYPE;
      return true;
    }
    return false;
  }

  /** The headers, with the type that the body brings where none was given. */
  #sorted(): string[] {
    return sortHeaders(this.#list, this.#type);
  }

  #take(): Uint8Array<ArrayBuffer> {
    if (this.#used) throw new TypeError('Body is unusable: Body has already been read');
    if (this.#body === null) return new Uint8Array();
    this.#used = true;
    return typeof this.#body === 'string' ? encoder.encode(this.#body) : this.#body;
  }

  /** The real one, with the headers as they are now. */
  #make(): Response {
    const known = this.#headers;
    if (this.#real === undefined) {
      const init = { status: this.#status, statusText: this.#statusText };
      const headers = known ?? headersOf(this.#sorted());
      this.#real = new (platformResponse())(this.#body, { ...init, headers });
      // What was read here must count as read there.
      if (this.#used) void this.#real.arrayBuffer();
    }
    if (known !== undefined) copyInto(this.#real.headers, known);
    return this.#real;
  }
}

function copyInto(target: Headers, source: Headers): void {
  if (target === source) return;
  for (const name of Array.from(target.keys())) target.delete(name);
  for (const [name, value] of source) target.append(name, value);
}

/** @returns undefined for a response that must be asked itself. */
export function lightPartsOf(response: Response): LightParts | undefined {
  return LightResponse.partsOf(response);
}

/** Marks a light response as read, as reading its body would. */
export function useLight(response: Response): void {
  LightResponse.use(response);
}

/**
 * Makes the global `Response` a light one, which the runtimes of this library read at little cost. A shim that will
 * serve HTTP calls this once, at its start. A real response, such as that of `fetch`, is an `instanceof` it, too; a
 * light one is an `instanceof` the class that was global before.
 */
export function prepareResponses(): void {
  if (native !== undefined) return;
  const before = platformResponse();
  Object.setPrototypeOf(LightResponse.prototype, before.prototype);
  Object.setPrototypeOf(LightResponse, before);
  globalThis.Response = LightResponse;
}

/** Undefined for what cannot be written: the real one refuses it, after it has looked at the init. */
function jsonText(data: unknown): string | undefined {
  try {
    const text: unknown = JSON.stringify(data);
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}
