/** Reads request bodies, within a limit. */
import type { IncomingMessage } from 'node:http';

/** How much of an unwanted body is read and dropped, so that the client gets to read the answer. */
const MAX_DISCARDED_BYTES = 16 * 1_048_576;

export type BodyOutcome =
  | { readonly kind: 'read'; readonly body: Uint8Array | null }
  | { readonly kind: 'tooLarge' }
  /** The client is gone. */
  | { readonly kind: 'aborted' };

const NO_BODY: BodyOutcome = { kind: 'read', body: null };
const TOO_LARGE: BodyOutcome = { kind: 'tooLarge' };
const ABORTED: BodyOutcome = { kind: 'aborted' };

/** True when the body comes in no transfer coding, or in the one that is understood. */
export function hasKnownCoding(request: IncomingMessage): boolean {
  const coding = request.headers['transfer-encoding'];
  return coding === undefined || coding.toLowerCase() === 'chunked';
}

/** True when a body follows the head. */
export function announcesBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return (
    request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
  );
}

/** Resolves to the whole body, in memory of exactly its size: a structured clone copies all that lies behind a view. */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
): BodyOutcome | Promise<BodyOutcome> {
  if (!announcesBody(request)) return NO_BODY;
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return TOO_LARGE;
  // Its `close` has been, and will not come again.
  if (request.destroyed) return ABORTED;
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (outcome: BodyOutcome): void => {
      request.off('data', onData);
      resolve(outcome);
    };
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > maxBytes) settle(TOO_LARGE);
      else chunks.push(chunk);
    };
    request.on('data', onData);
    request.once('end', () => settle({ kind: 'read', body: join(chunks, bytes) }));
    // After `end` it says nothing new; before, it says that the client is gone.
    request.once('close', () => settle(ABORTED));
  });
}

function join(chunks: readonly Buffer[], bytes: number): Uint8Array {
  const body = new Uint8Array(bytes);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}

/** Reads on and forgets what is left of a refused body, up to a bound; then the connection goes. */
export function discardBody(request: IncomingMessage): void {
  if (request.complete) return;
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_DISCARDED_BYTES) request.socket.destroy();
  });
}
