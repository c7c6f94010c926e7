/** Takes a `Response` apart, so that a platform's shim can send it. */
import { HandlerContractError } from './contract-error.ts';
import { type LightParts, lightPartsOf, useLight } from './light-response.ts';
import { markRead } from './response-life.ts';

/** A response as plain values. */
export interface ResponseParts {
  readonly status: number;
  readonly statusText: string;
  /** Name, value, name, value ...; `set-cookie` stays repeated. */
  readonly headers: string[];
  /** Whole bytes where the body was complete at once; a stream where the handler streams; null where there is none. */
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
}

/** These never have a body, whatever the handler gave. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

const encoder = new TextEncoder();

/** A body that says that it is no longer than this is read whole. */
const MAX_WHOLE_BYTES = 1_048_576;

/** A body that is ready needs few turns of the microtask queue for each chunk. */
const MAX_TURNS = 24;

/** More chunks than this make a stream, even when each is ready at once: it may never end. */
const MAX_READY_CHUNKS = 16;

/**
 * Reads a response. The body comes as bytes when all of it is there already, and else as a stream that begins
 * with what was read.
 *
 * @param method the method of the request: the answer to `HEAD` has no body, but its length where that is known. The
 *   length of a stream is not.
 * @throws {HandlerContractError} when the body was read before, or the response is `Response.error()`.
 */
export async function readResponse(response: Response, method?: string): Promise<ResponseParts> {
  const light = lightPartsOf(response);
  // Events are a stream, whatever they are made of.
  if (light !== undefined && !isEventStream(contentTypeOf(light.headers))) {
    const parts = takeLight(light, method);
    useLight(response);
    markRead(response);
    return parts;
  }
  const parts = await takeApart(response, method);
  if (!(parts.body instanceof ReadableStream)) markRead(response);
  return parts;
}

function takeLight(light: LightParts, method: string | undefined): ResponseParts {
  const { status, statusText, headers, body } = light;
  if (light.bodyUsed) throw readBefore();
  if (WITHOUT_BODY.has(status)) return { status, statusText, headers, body: null };
  const bytes = typeof body === 'string' ? encoder.encode(body) : body;
  if (method !== 'HEAD') return { status, statusText, headers, body: bytes };
  return { status, statusText, headers: withLength(headers, bytes?.byteLength ?? 0), body: null };
}

/**
 * The headers for `HEAD`, which are those of `GET` (RFC 9110, 8.6): whoever sends them cannot tell any more what the
 * body was. Where there is none, the handler may have named the length of one that it did not make.
 */
function withLength(headers: readonly string[], length: number): string[] {
  const named = headers.findIndex((part, index) => index % 2 === 0 && part === 'content-length');
  if (named < 0) return [...headers, 'content-length', String(length)];
  return length === 0 ? [...headers] : headers.with(named + 1, String(length));
}

function contentTypeOf(headers: readonly string[]): string | null {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index] === 'content-type') return headers[index + 1] ?? null;
  }
  return null;
}

function isEventStream(contentType: string | null): boolean {
  return contentType?.startsWith('text/event-stream') === true;
}

function readBefore(): HandlerContractError {
  return new HandlerContractError(
    'The http handler returned a Response whose body was read before. Return a new one, or read a clone().',
  );
}

async function takeApart(response: Response, method: string | undefined): Promise<ResponseParts> {
  const { status, statusText, body } = response;
  if (status < 200) {
    throw new HandlerContractError(
      `The http handler returned a Response with status ${status}; it must be 200 to 599.`,
    );
  }
  const headers: string[] = [];
  response.headers.forEach((value, name) => headers.push(name, value));
  const head = { status, statusText, headers };
  if (body === null) {
    const isWhole = method === 'HEAD' && !WITHOUT_BODY.has(status);
    return isWhole ? { ...head, headers: withLength(headers, 0), body } : { ...head, body };
  }
  if (response.bodyUsed || body.locked) throw readBefore();
  if (method === 'HEAD' || WITHOUT_BODY.has(status)) {
    body.cancel().catch(ignore);
    return { ...head, body: null };
  }
  const length = response.headers.get('content-length');
  if (length !== null && /^\d+$/.test(length) && Number(length) <= MAX_WHOLE_BYTES) {
    return { ...head, body: new Uint8Array(await response.arrayBuffer()) };
  }
  // Events are sent one by one, even when the first ones are there.
  const isEvents = isEventStream(response.headers.get('content-type'));
  return { ...head, body: isEvents ? body : await readReady(body) };
}

type Reader = ReadableStreamDefaultReader<unknown>;
type Read = Awaited<ReturnType<Reader['read']>>;

async function readReady(
  body: ReadableStream,
): Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>> {
  const reader: Reader = body.getReader();
  const chunks: Uint8Array[] = [];
  while (chunks.length < MAX_READY_CHUNKS) {
    const pending = reader.read();
    const result = await soon(pending);
    if (result === undefined) return resume(chunks, reader, pending);
    if (result.done) return join(chunks);
    chunks.push(bytesOf(result.value, reader));
  }
  return resume(chunks, reader, reader.read());
}

/** The result when it comes within a few turns of the microtask queue. */
async function soon(pending: Promise<Read>): Promise<Read | undefined> {
  const state: { result?: Read; failed?: { readonly cause: unknown } } = {};
  pending.then(
    (result) => {
      state.result = result;
    },
    (cause: unknown) => {
      state.failed = { cause };
    },
  );
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    if (state.result !== undefined) return state.result;
    if (state.failed !== undefined) throw state.failed.cause;
    await Promise.resolve();
  }
  return undefined;
}

/** A stream of what was read, what is being read, and the rest. */
function resume(
  chunks: readonly Uint8Array[],
  reader: Reader,
  pending: Promise<Read>,
): ReadableStream<Uint8Array> {
  const ready = [...chunks];
  let next: Promise<Read> | undefined = pending;
  // Whoever pulls hears of a failure; until then it must not count as one that nobody caught.
  pending.catch(ignore);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller): Promise<void> {
        const chunk = ready.shift();
        if (chunk !== undefined) {
          controller.enqueue(chunk);
          return;
        }
        const result = await (next ?? reader.read());
        next = undefined;
        if (result.done) controller.close();
        else controller.enqueue(bytesOf(result.value, reader));
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

function bytesOf(chunk: unknown, reader: Reader): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  const error = new HandlerContractError(
    `The body of a Response must stream bytes; a chunk is a ${typeof chunk}. Pipe it through new TextEncoderStream().`,
  );
  // The source may hold something open for the rest, which nobody will read.
  reader.cancel(error).catch(ignore);
  throw error;
}

function join(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  // A copy in any case: a chunk may be a small view of a large shared buffer.
  const bytes = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

function ignore(): void {}
