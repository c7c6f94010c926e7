/** `maxResults` and `pageToken` of lists. */
import { invalid } from './faults.ts';
import { numberOf } from './fields.ts';

const MAX_SIZE = 1000;

export function pageOf<Item>(
  all: readonly Item[],
  query: URLSearchParams,
): { readonly items: readonly Item[]; readonly token: { readonly nextPageToken?: string } } {
  const size = Math.min(Number(numberOf(query, 'maxResults') ?? MAX_SIZE), MAX_SIZE) || MAX_SIZE;
  const token = query.get('pageToken') ?? '';
  const start = token === '' ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(start) || start < 0) throw invalid('Invalid argument.');
  const end = start + size;
  return {
    items: all.slice(start, end),
    token:
      end < all.length ? { nextPageToken: Buffer.from(String(end)).toString('base64url') } : {},
  };
}
