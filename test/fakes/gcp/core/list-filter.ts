/** Lists: filters as AIP-160 has them, as far as they are used, and pages. */
import { GoogleFault } from './fault.ts';
import { isMap, type JsonMap } from './json.ts';

export type ListFilter = (item: JsonMap) => boolean;

const TERM =
  /^(?<not>NOT\s+|-)?(?<path>[A-Za-z_][\w."-]*?)\s*(?<operator>!=|=|:)\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<bare>[^\s()"]+))/;

/**
 * Terms `labels.team=a`, `name:part`, `labels.team:*`, joined with AND, or by a space.
 *
 * @throws GoogleFault INVALID_ARGUMENT for what is not understood
 */
export function parseFilter(text: string): ListFilter {
  const terms: ListFilter[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const match = TERM.exec(rest);
    const { path = '', operator = '', not, quoted, bare = '' } = match?.groups ?? {};
    if (!match) throw new GoogleFault('INVALID_ARGUMENT', `Invalid list filter: ${text}`);
    const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? bare;
    const term = termOf(path.replaceAll('"', '').split('.'), operator, value);
    terms.push(not === undefined ? term : (item) => !term(item));
    rest = rest.slice(match[0].length).trim();
    if (/^OR\b/.test(rest)) {
      throw new GoogleFault('INVALID_ARGUMENT', `Invalid list filter: ${text}`);
    }
    rest = rest.replace(/^AND\b\s*/, '');
  }
  return (item) => terms.every((term) => term(item));
}

function termOf(path: readonly string[], operator: string, value: string): ListFilter {
  return (item) => {
    // Labels may have dots in their keys, and nothing else goes as deep.
    const [first = '', ...more] = path;
    const holder = item[first];
    const found = more.length > 0 && isMap(holder) ? holder[more.join('.')] : holder;
    const present = more.length > 0 && !isMap(holder) ? undefined : found;
    if (operator === ':' && value === '*') return present !== undefined;
    const texts = texted(present);
    if (operator === ':') return texts.some((one) => one.includes(value));
    return texts.includes(value) === (operator === '=');
  };
}

function texted(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => texted(one));
  if (typeof value === 'string') return [value];
  return typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : [];
}

/**
 * One page of a list. The token of a page is good for the same list only.
 *
 * @param page what the request asks for; 0 or nothing is the default
 */
export function pageOf<Item>(
  items: readonly Item[],
  page: { readonly pageSize?: unknown; readonly pageToken?: unknown },
  limits: { readonly most: number; readonly usual: number },
): { readonly items: readonly Item[]; readonly nextPageToken?: string } {
  const { pageSize, pageToken } = page;
  const asked = typeof pageSize === 'number' ? pageSize : 0;
  if (asked < 0) throw new GoogleFault('INVALID_ARGUMENT', 'The page size must not be negative.');
  const size = Math.min(asked === 0 ? limits.usual : asked, limits.most);
  const start = startOf(pageToken);
  const end = start + size;
  return {
    items: items.slice(start, end),
    ...(end < items.length && { nextPageToken: Buffer.from(`at ${end}`).toString('base64url') }),
  };
}

function startOf(token: unknown): number {
  if (typeof token !== 'string' || token === '') return 0;
  const start = /^at (\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1];
  if (start === undefined) throw new GoogleFault('INVALID_ARGUMENT', 'Invalid page token.');
  return Number(start);
}
