/** What raw errors mean: those of Vercel's API, of the vendor's client, of direct calls, and of sockets. Pure. */
import { type Classification, socketCodeOf } from 'polyfaas/spi';
import { classifyDirect } from './errors/direct.ts';
import { byAccount, byMessage, denied } from './errors/messages.ts';
import { readError } from './errors/read.ts';
import { BY_SOCKET_CODE, byCode, byStatus, TOO_SLOW } from './errors/table.ts';

const UNKNOWN: Classification = { code: 'UNKNOWN', retryable: false };

export function classify(cause: unknown): Classification {
  const direct = classifyDirect(cause);
  if (direct) return direct;
  const raw = readError(cause);
  const known =
    byAccount(raw) ??
    byMessage(raw) ??
    (raw.status === undefined ? bySocket(raw.name, cause) : undefined) ??
    byCode(raw.code) ??
    (raw.status === 403 ? denied(raw) : byStatus(raw.status));
  if (!known) return UNKNOWN;
  // A time is of use only to who may try again.
  const retryAfterMs = known.retryable ? (raw.retryAfterMs ?? known.retryAfterMs) : undefined;
  return retryAfterMs === undefined ? known : { ...known, retryAfterMs };
}

/** True for "there is no such thing". */
export function isMissing(cause: unknown): boolean {
  return classify(cause).code === 'NOT_FOUND';
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

function bySocket(name: string, cause: unknown): Classification | undefined {
  const code = socketCodeOf(cause, BY_SOCKET_CODE);
  const known = code === undefined ? undefined : BY_SOCKET_CODE[code];
  return known ?? (name === 'TimeoutError' ? TOO_SLOW : undefined);
}
