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
  const fill = (encode: (value: string, isRest: boolean) => string): string =>
    route.replaceAll(/\{([^}]+?)(\+?)\}/g, (_, name: string, rest: string) =>
      encode(parameters[name] ?? '', rest === '+'),
    );
  const decodedPath = fill((value) => value);
  // A domain may put something in front of it.
  if (!path.endsWith(decodedPath)) return path;
  return path.slice(0, path.length - decodedPath.length) + fill(encoded);
}

/** What a path may hold as it is (RFC 3986, `pchar`), and an escape. */
const IN_A_PATH = /^(?:[\w\-.~!$&'()*+,;=:@/]|%[0-9a-f]{2})*$/i;

function encoded(value: string, isRest: boolean): string {
  // With escapes and nothing that needs one, it was not decoded.
  if (value.includes('%') && IN_A_PATH.test(value)) return value;
  const text = encodeURI(value.toWellFormed()).replaceAll('?', '%3F').replaceAll('#', '%23');
  return isRest ? text : text.replaceAll('/', '%2F');
}
