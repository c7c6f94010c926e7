/** Path parameters, decoded from the path as it was sent. */

/**
 * The parameters of a route in a path; undefined when the path is not of the route's form, as behind a domain that puts
 * something in front of it.
 *
 * @param route `/files/{folder}/{rest+}`
 */
export function pathParameters(
  route: string,
  path: string,
): Readonly<Record<string, string>> | undefined {
  const wanted = route.split('/').slice(1);
  const given = path.split('/').slice(1);
  const parameters: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const name = /^\{([^}]+?)(\+?)\}$/.exec(segment);
    if (name?.[2] === '+') {
      parameters[name[1] ?? ''] = given.slice(index).map(decoded).join('/');
      return parameters;
    }
    const value = given[index];
    if (value === undefined || (name === null && decoded(value) !== decoded(segment))) {
      return undefined;
    }
    if (name !== null) parameters[name[1] ?? ''] = decoded(value);
  }
  return wanted.length === given.length ? parameters : undefined;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/**
 * The path as it was sent. API Gateway decodes `rawPath`, so that a `%2F` in it looks like another segment; the
 * parameters still tell them apart. A function URL leaves the path as it is, and has no parameters.
 *
 * @param route `/files/{folder}/{rest+}`; undefined where the route does not tell.
 */
export function sentPath(
  path: string,
  route: string | undefined,
  parameters: Readonly<Record<string, string>>,
): string {
  if (route === undefined || Object.keys(parameters).length === 0) return path;
  const whole = fill(route, parameters);
  // A decoded question mark ends the path that is told, and the parameters have the rest.
  for (const told of [whole, whole.split('?', 1)[0] ?? whole]) {
    // A domain may put something in front of it.
    if (path.endsWith(told))
      return path.slice(0, path.length - told.length) + fill(route, parameters, encoded);
  }
  return path;
}

/** The path as the handler sees it: the URL parser resolves dot segments, and takes a backslash for a slash. */
export function normalPath(path: string): string {
  return new URL(`http://localhost${path}`).pathname;
}

/**
 * The same, for a path by which API Gateway has chosen the route, and looked at the token. Undefined where the handler
 * would see other segments than it did: let in by `/public/{rest+}`, a request for `/public/../admin/users` would be one
 * for `/admin/users`. The route of that path, and its rules, cannot be asked any more; and no client is lost, for those
 * that mean no harm resolve dot segments before they send.
 */
export function routedPath(path: string): string | undefined {
  const normal = normalPath(path);
  const given = path.split('/');
  const shown = normal.split('/');
  const isSame =
    given.length === shown.length &&
    given.every((segment, index) => decoded(segment) === decoded(shown[index] ?? ''));
  return isSame ? normal : undefined;
}

/**
 * Whether API Gateway would have chosen another route for the path that the handler is to see. In the rest of a path it
 * decodes `%2F` like all else, so that what was one segment to it may be two to the handler: `/admin%2Fusers`, let in by
 * `/{path+}`, would be the path of `/admin/{rest+}`. Only routes that it prefers to a greedy one count: whole ones, and
 * longer ones.
 *
 * @param keys of all routes: `GET /orders/{id}`
 */
export function isOfOtherRoute(
  route: string,
  parameters: Readonly<Record<string, string>>,
  method: string,
  keys: readonly string[],
): boolean {
  const rest = /\{([^}]+)\+\}$/.exec(route)?.[1] ?? '';
  if (!parameters[rest]?.includes('/')) return false;
  const path = sentPath(fill(route, parameters), route, parameters);
  return keys.some((key) => {
    const [wanted = '', other = ''] = key.split(' ');
    if (wanted !== 'ANY' && wanted !== method) return false;
    const isPreferred = !other.endsWith('+}') || other.split('/').length > route.split('/').length;
    const found = isPreferred ? pathParameters(other, path) : undefined;
    return found !== undefined && !Object.values(found).includes('');
  });
}

function fill(
  route: string,
  parameters: Readonly<Record<string, string>>,
  encode: (value: string, isRest: boolean) => string = (value) => value,
): string {
  return route.replaceAll(/\{([^}]+?)(\+?)\}/g, (_, name: string, rest: string) =>
    encode(parameters[name] ?? '', rest === '+'),
  );
}

/** What a path may hold as it is (RFC 3986, `pchar`), and an escape. */
const IN_A_PATH = /^(?:[\w\-.~!$&'()*+,;=:@/]|%[0-9a-f]{2})*$/i;

function encoded(value: string, isRest: boolean): string {
  // With escapes and nothing that needs one, it was not decoded. One segment that holds a slash was.
  const isWhole = isRest || !value.includes('/');
  if (isWhole && value.includes('%') && IN_A_PATH.test(value)) return value;
  const text = encodeURI(value.toWellFormed()).replaceAll('?', '%3F').replaceAll('#', '%23');
  return isRest ? text : text.replaceAll('/', '%2F');
}
