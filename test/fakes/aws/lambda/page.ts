/** Lists that come in pages: `Marker` and `MaxItems` in, `NextMarker` out. */
import { invalidParameter } from './faults.ts';

export function page<Item>(
  all: readonly Item[],
  query: URLSearchParams,
  pageSize: number,
): { readonly items: readonly Item[]; readonly next: { readonly NextMarker?: string } } {
  const wanted = query.get('MaxItems');
  const size = wanted === null ? pageSize : Math.min(Number(wanted), pageSize);
  if (!Number.isInteger(size) || size < 1) throw invalidParameter(`Invalid MaxItems: ${wanted}`);
  const marker = query.get('Marker');
  const start = marker ? Number(Buffer.from(marker, 'base64').toString()) : 0;
  if (!Number.isInteger(start) || start < 0) throw invalidParameter('Invalid Marker');
  const end = start + size;
  return {
    items: all.slice(start, end),
    next: end < all.length ? { NextMarker: Buffer.from(String(end)).toString('base64') } : {},
  };
}
