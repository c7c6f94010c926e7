import { randomBytes } from 'node:crypto';
import { headerOf } from '../../shared/runtime/header-list.ts';
import type { FunctionRequest, LoggedRequest } from '../core/ports.ts';

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

/** Undefined for what did not come over the edge. */
export function loggedRequest({
  headers,
  method,
  url,
}: Pick<FunctionRequest, 'headers' | 'method' | 'url'>): LoggedRequest | undefined {
  const id = (headerOf(headers, 'x-vercel-id') ?? '').split('::').at(-1) ?? '';
  const time = /^\w+-(\d+)-\w+$/.exec(id)?.[1];
  if (time === undefined) return undefined;
  return { id, timeMs: Number(time), method, path: url.split('?')[0] ?? url };
}
