/** `pageSize` and `pageToken` of lists. */
import { textOf, type JsonMap } from '../core/json.ts';
import { checkRange, invalid } from './faults.ts';

const DEFAULT_SIZE = 100;
const MAX_SIZE = 1000;

/** @param query in its normal form */
export function pageOf<Item>(
  all: readonly Item[],
  query: JsonMap,
): { readonly items: readonly Item[]; readonly next: string } {
  const asked = Number(query['pageSize'] ?? 0);
  checkRange('page_size', asked, { min: 0, max: Number.MAX_SAFE_INTEGER });
  const size = asked === 0 ? DEFAULT_SIZE : Math.min(asked, MAX_SIZE);
  const token = textOf(query['pageToken']);
  const start = token === '' ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(start) || start < 0) throw invalid('Invalid page token given.');
  const end = start + size;
  const next = end < all.length ? Buffer.from(String(end)).toString('base64url') : '';
  return { items: all.slice(start, end), next };
}
