/** The target of a request, made the same for whoever chooses its route and for the handler's `new URL(request.url)`. */

/** What `new URL` would rewrite: what it encodes, backslashes, fragments, and dot segments in any spelling. */
const NOT_PLAIN = /[^!$%&()*+,\-./0-9:;=?@A-Z[\]_a-z~]|\/\.|\/%2e/i;

/**
 * Path and query as the handler will see them, or undefined for a target that no route can have (`*`, or not a URL).
 * Were dot segments left in, a request could match one route and show the handler the path of another. An encoded slash
 * stays what it is: part of a segment.
 *
 * @param target as it stands in the request line: a path with its query, or a whole URL.
 */
export function normalTarget(target: string): string | undefined {
  if (target.startsWith('/') && !target.startsWith('//') && !NOT_PLAIN.test(target)) return target;
  // "//host/x" is a path here, and would be a host to the URL parser.
  const absolute = target.startsWith('/') ? `http://localhost${target}` : target;
  if (!/^https?:\/\//i.test(absolute)) return undefined;
  const url = URL.parse(absolute);
  return url ? url.pathname + url.search : undefined;
}

/** The path of a target: what stands before its query. */
export function pathOfTarget(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}

/** An absolute URL in two parts: who is asked, and for what. */
export interface SplitUrl {
  /** `https://shop.example` */
  readonly origin: string;
  /** Normal: path and query, and what the handler will see of them. */
  readonly target: string;
}

/** Splits the URL of a request, or gives undefined for what is none. */
export function splitUrl(url: string): SplitUrl | undefined {
  // The URL parser takes a backslash for a slash: one may end the name of the host, too.
  const [, origin, sent = ''] = /^(https?:\/\/[^/?#\\]+)(.*)$/is.exec(url) ?? [];
  if (origin === undefined) return undefined;
  const target = normalTarget(`/${sent.replace(/^[/\\]/, '')}`);
  return target === undefined ? undefined : { origin, target };
}
