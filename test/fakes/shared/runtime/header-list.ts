/** Headers as a list of names and values in turn, as they are on the wire: repeated ones stay repeated. */

/** What is about one connection only, and never handed on (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function pairsOf(headers: readonly string[]): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2)
    pairs.push([headers[at] ?? '', headers[at + 1] ?? '']);
  return pairs;
}

/** The first value of a name; undefined without one. */
export function headerOf(headers: readonly string[], name: string): string | undefined {
  return pairsOf(headers).find(([each]) => each.toLowerCase() === name)?.[1];
}

/** Without what is about the connection, and without these names (in lower case). */
export function endToEnd(headers: readonly string[], without: readonly string[] = []): string[] {
  const named = new Set(
    (headerOf(headers, 'connection') ?? '').split(',').map((name) => name.trim().toLowerCase()),
  );
  return pairsOf(headers).flatMap(([name, value]) => {
    const key = name.toLowerCase();
    const isLeft = HOP_BY_HOP.has(key) || named.has(key) || without.includes(key);
    return isLeft ? [] : [name, value];
  });
}

/** With one value for a name, in place of what it had. */
export function withHeader(headers: readonly string[], name: string, value: string): string[] {
  return [...endWithout(headers, name.toLowerCase()), name, value];
}

function endWithout(headers: readonly string[], name: string): string[] {
  return pairsOf(headers).flatMap(([each, value]) =>
    each.toLowerCase() === name ? [] : [each, value],
  );
}
