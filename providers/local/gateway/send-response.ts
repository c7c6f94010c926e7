/** Writes responses: the handler's, and the gateway's own. */
import type { ServerResponse } from 'node:http';
import type { Clock } from 'polyfaas/spi';
import type { LocalHttpResponse } from '../ports.ts';
import type { Answer } from './answers.ts';
import { isReasonPhrase, responseHeaders } from './headers.ts';

/** A client that takes nothing of a response for so long is let go. */
const STALLED_MS = 60_000;

/** A larger body goes out in pieces of this size, as it shows only between them whether the client takes anything. */
const PIECE_BYTES = 262_144;

/** Sends an answer of the gateway itself. */
export function sendAnswer(
  response: ServerResponse,
  answer: Answer,
  extraHeaders: readonly string[],
  requestId: string,
  clock: Clock,
): void {
  const body = JSON.stringify({ error: answer.error, requestId });
  response.writeHead(answer.status, [
    'content-type',
    'application/json',
    'content-length',
    String(Buffer.byteLength(body)),
    'cache-control',
    'no-store',
    ...(answer.headers ?? []),
    ...extraHeaders,
    'x-request-id',
    requestId,
  ]);
  response.end(body);
  watchEnd(response, clock);
}

/** A handler's response, made ready: sending it cannot fail for what it holds. */
export interface ReadyReply {
  readonly status: number;
  readonly reason: string | undefined;
  readonly headers: string[];
  /** Null when the client gets none, whatever the handler gave. A text has one character for each byte. */
  readonly body: LocalHttpResponse['body'] | string;
}

/**
 * Checks a handler's response and makes its headers; undefined when it cannot be sent.
 *
 * @param cors the route's own headers, which take the place of the handler's.
 * @param method the request's: HEAD gets no body, but the length that GET would bring.
 */
export function readyReply(
  reply: LocalHttpResponse,
  method: string,
  cors: readonly string[] | undefined,
  requestId: string,
): ReadyReply | undefined {
  const { status, statusText } = reply;
  const body = reply.bodyText ?? reply.body;
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined;
  const made = responseHeaders(reply.headers, cors, requestId);
  if (!made) return undefined;
  const { list } = made;
  const bare = method === 'HEAD' || status === 304;
  const claimed = bare ? made.contentLength : undefined;
  const length = status === 204 ? undefined : lengthOf(body, bare, claimed);
  if (length !== undefined && !(status === 304 && length === '0')) {
    list.push('content-length', length);
  }
  return {
    status,
    reason: isReasonPhrase(statusText) ? statusText : undefined,
    headers: list,
    body: bare || status === 204 ? null : body,
  };
}

function lengthOf(
  body: ReadyReply['body'],
  bare: boolean,
  claimed: string | undefined,
): string | undefined {
  if (typeof body === 'string' || body instanceof Uint8Array) {
    return body.length === 0 && claimed !== undefined ? claimed : String(body.length);
  }
  // A body that HEAD does not get is null as well: nobody knows how long it is.
  return claimed ?? (body === null && !bare ? '0' : undefined);
}

/** Sends a handler's response. Resolves when all was handed to the socket, or the client is gone. */
export function sendReply(
  response: ServerResponse,
  ready: ReadyReply,
  clock: Clock,
): Promise<void> | void {
  if (ready.reason === undefined) response.writeHead(ready.status, ready.headers);
  else response.writeHead(ready.status, ready.reason, ready.headers);
  const { body } = ready;
  if (body === null) {
    response.end();
  } else if (typeof body === 'string') {
    // Head and text leave in one piece, as one string; head and bytes would be two.
    response.end(body, 'latin1');
  } else if (body instanceof ReadableStream) {
    return sendStream(response, body, clock);
  } else if (body.length > PIECE_BYTES) {
    return sendPieces(response, body, clock);
  } else {
    response.end(body);
  }
  watchEnd(response, clock);
}

async function sendPieces(response: ServerResponse, body: Uint8Array, clock: Clock): Promise<void> {
  let from = 0;
  for (; body.length - from > PIECE_BYTES; from += PIECE_BYTES) {
    const isRoomy = response.write(body.subarray(from, from + PIECE_BYTES));
    // Else it would leave at the end of the turn, and a client that keeps up would be waited for at every piece.
    response.socket?.uncork();
    if (!isRoomy && response.writableLength > 0) await drained(response, clock);
    if (response.destroyed) return;
  }
  response.end(body.subarray(from));
  watchEnd(response, clock);
}

async function sendStream(
  response: ServerResponse,
  stream: ReadableStream<Uint8Array>,
  clock: Clock,
): Promise<void> {
  const reader = stream.getReader();
  const onClose = (): void => {
    // Wakes a read that waits, and tells the handler that nobody listens.
    reader.cancel(new Error('The client is gone.')).catch(() => {});
  };
  response.once('close', onClose);
  // The client may act on the head long before the first chunk, as with server-sent events.
  response.flushHeaders();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || response.destroyed) break;
      if (!response.write(value)) await drained(response, clock);
    }
    response.off('close', onClose);
    response.end();
    watchEnd(response, clock);
  } catch {
    // Cutting the connection is the only way to say, after the head, that the body is not whole.
    response.destroy();
  }
}

function drained(response: ServerResponse, clock: Clock): Promise<void> {
  return new Promise((resolve) => letGoUnless('drain', response, clock, resolve));
}

/** Sees to it that what was written last is taken, too. Most of the time the socket has all of it by now. */
export function watchEnd(response: ServerResponse, clock: Clock): void {
  if (response.writableLength > 0) letGoUnless('finish', response, clock, () => {});
}

/** Ends the connection unless the event comes in time. `then` is called in any case. */
function letGoUnless(
  event: 'drain' | 'finish',
  response: ServerResponse,
  clock: Clock,
  then: () => void,
): void {
  const settle = (): void => {
    cancelTimer();
    response.off(event, settle);
    response.off('close', settle);
    then();
  };
  const onStall = (): void => {
    // A response that waits for the one before it has no socket yet: its client has nothing to take.
    if (response.socket === null) cancelTimer = clock.after(STALLED_MS, onStall);
    else response.destroy();
  };
  let cancelTimer = clock.after(STALLED_MS, onStall);
  response.on(event, settle);
  response.on('close', settle);
  if (response.destroyed) settle();
}
