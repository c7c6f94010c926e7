import { randomBytes } from 'node:crypto';

/** The region of the edge that all clients of the tests are near to. */
const EDGE_REGION = 'fra1';
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/**
 * `fra1::iad1::abcde-1700000000000-0123456789ab`: where it came in, where its function runs, when it came.
 *
 * @see https://vercel.com/docs/headers/request-headers#x-vercel-id
 */
export function requestId(nowMs: number, region?: string): string {
  const word = [...randomBytes(5)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
  const path = region === undefined ? EDGE_REGION : `${EDGE_REGION}::${region}`;
  return `${path}::${word}-${nowMs}-${randomBytes(6).toString('hex')}`;
}
