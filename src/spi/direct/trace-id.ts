import { createHash } from 'node:crypto';

/** Ids as this library makes them. */
const RANDOM_UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

/**
 * The trace id that a call with this request id is sent with: 32 hexadecimal digits. The platform puts it to all that it
 * writes about the call itself, also where the function was ended before it wrote anything.
 */
export function traceIdOf(requestId: string): string {
  if (RANDOM_UUID.test(requestId)) return requestId.replaceAll('-', '');
  return createHash('sha256').update(requestId).digest('hex').slice(0, 32);
}
