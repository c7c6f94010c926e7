/** Lists that come in pages: `maxResults` and `nextToken` in, `nextToken` out. */
import type { RestOutput } from '../core/rest.ts';
import { badRequest } from './faults.ts';

const PAGE_SIZE = 100;

export function pageOf(all: readonly object[], query: URLSearchParams): RestOutput {
  const size = Number(query.get('maxResults') ?? PAGE_SIZE);
  const start = Number(query.get('nextToken') ?? 0);
  if (!Number.isInteger(size) || size < 1) throw badRequest('Invalid maxResults');
  if (!Number.isInteger(start) || start < 0) throw badRequest('Invalid nextToken');
  const end = start + size;
  return {
    body: { items: all.slice(start, end), ...(end < all.length && { nextToken: String(end) }) },
  };
}
