/** Route keys, and which of them takes a request. */

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'ANY'];
const SEGMENT = /^([^{}\s]*|\{[a-zA-Z0-9._:-]+\})$/;
const GREEDY = /^\{[a-zA-Z0-9._:-]+\+\}$/;

/** `GET /orders/{id}`, `ANY /{rest+}`, `$default`. */
export function isRouteKey(key: string): boolean {
  if (key === '$default') return true;
  const [method = '', path = '', more] = key.split(' ');
  if (more !== undefined || !METHODS.includes(method) || !path.startsWith('/')) return false;
  const segments = path.slice(1).split('/');
  return segments.every(
    (segment, index) =>
      SEGMENT.test(segment) || (index === segments.length - 1 && GREEDY.test(segment)),
  );
}

export interface RouteMatch<Route> {
  readonly route: Route;
  /** Decoded. */
  readonly params: Readonly<Record<string, string>>;
}

/**
 * A whole match goes before a greedy one, literal segments before parameters, a method before `ANY`, and all before
 * `$default`. `path` is percent-encoded.
 */
export function matchRoute<Route extends { readonly key: string }>(
  routes: readonly Route[],
  method: string,
  path: string,
): RouteMatch<Route> | undefined {
  const given = path.slice(1).split('/');
  const matches = routes.flatMap((route) => {
    const [wanted = '', template = ''] = route.key.split(' ');
    if (wanted === '$default' || (wanted !== 'ANY' && wanted !== method)) return [];
    const segments = template.slice(1).split('/');
    const params = paramsOf(segments, given);
    return params ? [{ route, params, rank: rankOf(wanted, segments) }] : [];
  });
  const best = matches.sort((one, other) => compare(one.rank, other.rank)).at(0);
  if (best) return best;
  const fallback = routes.find((route) => route.key === '$default');
  return fallback && { route: fallback, params: {} };
}

function paramsOf(
  segments: readonly string[],
  given: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    if (segment.endsWith('+}')) {
      const rest = given.slice(index).join('/');
      if (rest === '') return undefined;
      params[segment.slice(1, -2)] = decode(rest);
      return params;
    }
    const value = given[index];
    if (value === undefined) return undefined;
    if (segment.startsWith('{')) {
      if (value === '') return undefined;
      params[segment.slice(1, -1)] = decode(value);
    } else if (decode(value) !== segment) {
      return undefined;
    }
  }
  return segments.length === given.length ? params : undefined;
}

/** The bytes as they are where they are no valid escapes. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function rankOf(method: string, segments: readonly string[]): readonly number[] {
  const kinds = segments.map((segment) => (segment.startsWith('{') ? 1 : 0));
  const isGreedy = segments.at(-1)?.endsWith('+}') === true;
  // Of two greedy routes the longer one is the more exact.
  return [
    isGreedy ? 1 : 0,
    ...(isGreedy ? [-segments.length] : []),
    ...kinds,
    method === 'ANY' ? 1 : 0,
  ];
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (let index = 0; index < Math.max(one.length, other.length); index += 1) {
    const difference = (one[index] ?? 0) - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
