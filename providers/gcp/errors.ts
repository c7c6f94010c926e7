/** What raw errors mean: those of Google's APIs, of the vendor's client, of credentials, and of sockets. Pure. */
import { type Classification, socketCodeOf } from 'polyfaas/spi';
import { byCredentials } from './errors/credentials.ts';
import { classifyDirect } from './invoke/failure.ts';
import { byMessage, denied } from './errors/messages.ts';
import { readError, type RawError } from './errors/read.ts';
import { BY_CODE, BY_SOCKET_CODE, byStatus } from './errors/table.ts';

const UNKNOWN: Classification = { code: 'UNKNOWN', retryable: false };

export function classify(cause: unknown): Classification {
  const direct = classifyDirect(cause);
  if (direct) return direct;
  const raw = readError(cause);
  const known =
    byMessage(raw) ??
    byCredentials(raw.message, raw.status) ??
    // The vendor's client calls whatever broke on its way UNAVAILABLE: the socket knows better.
    (raw.status === undefined ? bySocket(raw, cause) : undefined) ??
    (Object.hasOwn(BY_CODE, raw.code) ? BY_CODE[raw.code] : undefined) ??
    byStatus(raw.status);
  if (!known) return UNKNOWN;
  const retryAfterMs = raw.retryAfterMs ?? known.retryAfterMs;
  return {
    ...known,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(known.code === 'PERMISSION_DENIED' && known.message === undefined
      ? { message: denied(raw) }
      : {}),
  };
}

/** True for "there is no such thing", of whichever API. */
export function isMissing(cause: unknown): boolean {
  return classify(cause).code === 'NOT_FOUND';
}

/** True when something of that name is there already. */
export function isTaken(cause: unknown): boolean {
  return classify(cause).code === 'ALREADY_EXISTS';
}

/** True for what passes by itself: another change under way, a writer that was faster, a grant that is new. */
export function isPassing(cause: unknown): boolean {
  const { code, retryable } = classify(cause);
  return code === 'CONFLICT' && retryable;
}

/** True when the deployer may not do this, whatever the reason; an API that is switched off is one. */
export function isDenied(cause: unknown): boolean {
  return classify(cause).code === 'PERMISSION_DENIED';
}

/** What Google said; empty for what is no error. */
export function errorMessage(cause: unknown): string {
  return readError(cause).message;
}

/** What is there, or undefined when it is not. */
export async function ifThere<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function bySocket({ name }: RawError, cause: unknown): Classification | undefined {
  const code = socketCodeOf(cause, BY_SOCKET_CODE);
  const known = code === undefined ? undefined : BY_SOCKET_CODE[code];
  if (known) return known;
  return name === 'TimeoutError' ? BY_CODE['DEADLINE_EXCEEDED'] : undefined;
}
