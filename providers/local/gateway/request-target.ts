/** What the gateway alone takes from the target of a request. */

/** Host and port that a target in absolute form names; undefined for one of any other form. */
export function authorityOf(target: string): string | undefined {
  if (target.startsWith('/') || !/^https?:\/\//i.test(target)) return undefined;
  return URL.parse(target)?.host;
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
