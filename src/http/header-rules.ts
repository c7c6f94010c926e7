/** Which headers pass between the client and the handler, and which do not. */

/** They speak of one connection, so they end here. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const BAD_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** What the handler sees: name, value, name, value ... Headers of the library's own mean something only on its own route. */
export function handlerHeaders(headers: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const lower = name.toLowerCase();
    if (!HOP_BY_HOP.has(lower) && !lower.startsWith('x-polyfaas-')) {
      kept.push(name, headers[index + 1] ?? '');
    }
  }
  return kept;
}

/**
 * What the client sees; undefined when the handler gave a header that cannot be sent.
 *
 * @param cors the route's own headers, which take the place of the handler's.
 */
export function replyHeaders(
  headers: readonly string[],
  cors: readonly string[],
  requestId: string,
): string[] | undefined {
  const list: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1];
    if (!TOKEN.test(name) || value === undefined || BAD_VALUE.test(value)) return undefined;
    const lower = name.toLowerCase();
    const isDropped =
      HOP_BY_HOP.has(lower) ||
      // The platform knows better.
      lower === 'content-length' ||
      lower === 'x-request-id' ||
      (lower.startsWith('access-control-') && cors.length > 0);
    if (!isDropped) list.push(name, value);
  }
  list.push(...cors, 'x-request-id', requestId);
  return list;
}
