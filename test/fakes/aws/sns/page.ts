/** Lists come in pages of 100. */
import { invalidParameter } from './faults.ts';

const PAGE = 100;

export function page<Item>(
  items: readonly Item[],
  token: string | undefined,
): { readonly items: readonly Item[]; readonly next: string | undefined } {
  const from =
    token === undefined ? 0 : Number(Buffer.from(token, 'base64').toString('utf8') || 'none');
  if (!Number.isInteger(from)) throw invalidParameter('NextToken');
  const end = from + PAGE;
  return {
    items: items.slice(from, end),
    next: end < items.length ? Buffer.from(String(end)).toString('base64') : undefined,
  };
}
