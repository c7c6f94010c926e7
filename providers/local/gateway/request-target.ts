/** The request line's target, made the same for the gateway's matcher and for the handler's `new URL(...)`. */

/** What `new URL` would rewrite: what it encodes, backslashes, fragments, and dot segments in any spelling. */
const NOT_PLAIN = /[^!$%&()*+,\-./0-9:;=?@A-Z[\]_a-z~]|\/\.|\/%2e/i;

/**
 * Path and query as the handler will see them, or undefined for a target that no route can have (`*`, or not a URL).
 * Were dot segments left in, a request could match one route and show the handler the path of another.
 */
export function normalTarget(target: string): string | undefined {
  if (target.startsWith('/') && !target.startsWith('//') && !NOT_PLAIN.test(target)) return target;
  // "//host/x" is a path here, and would be a host to the URL parser.
  const absolute = target.startsWith('/') ? `http://localhost${target}` : target;
  if (!/^https?:\/\//i.test(absolute)) return undefined;
  const url = URL.parse(absolute);
  return url ? url.pathname + url.search : undefined;
}

/** Host and port that a target in absolute form names; undefined for one of any other form. */
export function authorityOf(target: string): string | undefined {
  if (target.startsWith('/') || !/^https?:\/\//i.test(target)) return undefined;
  return URL.parse(target)?.host;
}

/** Where the path ends and the query begins. */
export function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}

/** A target of the form `/~<app>/<stage>/<function>...`, taken apart. */
export interface PrefixedTarget {
  /** `<app>/<stage>/<function>` */
  readonly key: string;
  /** What is left for the function; starts with `/`. */
  readonly target: string;
}

/** Splits off the prefix that stands for an origin, or gives undefined when there is none. */
export function splitPrefix(target: string): PrefixedTarget | undefined {
  if (!target.startsWith('/~')) return undefined;
  const stage = target.indexOf('/', 2);
  const name = stage < 0 ? -1 : target.indexOf('/', stage + 1);
  if (name < 0) return undefined;
  let end = name + 1;
  while (end < target.length && target[end] !== '/' && target[end] !== '?') end += 1;
  const rest = target.slice(end);
  return { key: target.slice(2, end), target: rest.startsWith('/') ? rest : `/${rest}` };
}
