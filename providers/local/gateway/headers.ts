/** Which headers pass through the gateway, and which do not. */

/** They speak of one connection, so they end here. */
const HOP_BY_HOP = new Set([
  'connection',
  'http2-settings',
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
const MEMO_SIZE = 1_000;

type Verdict = 'keep' | 'drop' | 'cors' | 'connection' | 'length' | 'bad';

/** Judges a name once: names repeat from request to request, and looking one up beats lower-casing it. */
function memoized(judge: (lowerCaseName: string) => Verdict): (name: string) => Verdict {
  const memo = new Map<string, Verdict>();
  return (name) => {
    const known = memo.get(name);
    if (known !== undefined) return known;
    const verdict = judge(name.toLowerCase());
    if (memo.size < MEMO_SIZE) memo.set(name, verdict);
    return verdict;
  };
}

const requestVerdict = memoized((name) => {
  if (name === 'connection') return 'connection';
  // The gateway has answered `expect`; nobody but the library itself may set its own headers.
  if (HOP_BY_HOP.has(name) || name === 'expect' || name.startsWith('x-polyfaas-')) return 'drop';
  return 'keep';
});

const responseVerdict = memoized((name) => {
  if (!TOKEN.test(name)) return 'bad';
  if (name === 'connection') return 'connection';
  if (name === 'content-length') return 'length';
  if (HOP_BY_HOP.has(name) || name === 'x-request-id') return 'drop';
  return name.startsWith('access-control-') ? 'cors' : 'keep';
});

/**
 * The headers that the handler sees: name, value, name, value ...
 *
 * @param host what it sees as `host`, when the request line said another one than the header.
 */
export function requestHeaders(rawHeaders: readonly string[], host?: string): string[] {
  const kept: string[] = [];
  let nominated: readonly string[] | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const value = rawHeaders[index + 1] ?? '';
    const verdict = requestVerdict(name);
    if (verdict === 'keep') kept.push(name, host !== undefined && isHost(name) ? host : value);
    else if (verdict === 'connection') nominated = nominatedNames(value, nominated);
  }
  return nominated ? without(kept, nominated) : kept;
}

function isHost(name: string): boolean {
  return name.length === 4 && name.toLowerCase() === 'host';
}

/** What a handler's response headers come to. */
export interface ResponseHeaders {
  /** Name, value, name, value ... */
  readonly list: string[];
  /** What the handler itself said; the gateway knows better where there is a body. */
  readonly contentLength: string | undefined;
}

/**
 * The headers that the client sees, or undefined when the handler gave one that cannot be sent.
 *
 * @param cors the route's own headers, which then take the place of the handler's.
 */
export function responseHeaders(
  handlerHeaders: readonly string[],
  cors: readonly string[] | undefined,
  requestId: string,
): ResponseHeaders | undefined {
  let list: string[] = [];
  let contentLength: string | undefined;
  let nominated: readonly string[] | undefined;
  for (let index = 0; index < handlerHeaders.length; index += 2) {
    const name = handlerHeaders[index] ?? '';
    const value = handlerHeaders[index + 1];
    const verdict = responseVerdict(name);
    if (verdict === 'bad' || value === undefined || BAD_VALUE.test(value)) return undefined;
    if (verdict === 'keep' || (verdict === 'cors' && !cors)) list.push(name, value);
    else if (verdict === 'length') contentLength = /^\d+$/.test(value) ? value : undefined;
    else if (verdict === 'connection') nominated = nominatedNames(value, nominated);
  }
  if (nominated) list = without(list, nominated);
  if (cors) for (const part of cors) list.push(part);
  list.push('x-request-id', requestId);
  return { list, contentLength };
}

/** True for a reason phrase that can stand in a status line. */
export function isReasonPhrase(text: string): boolean {
  return text !== '' && !BAD_VALUE.test(text);
}

/** `Connection` may name further headers that end here. */
function nominatedNames(
  value: string,
  before: readonly string[] | undefined,
): readonly string[] | undefined {
  if (value === 'keep-alive' || value === 'close') return before;
  const names = value.split(',').map((name) => name.trim().toLowerCase());
  return [...(before ?? []), ...names];
}

function without(list: readonly string[], names: readonly string[]): string[] {
  return list.filter((_, index) => {
    const name = list[index - (index % 2)] ?? '';
    return !names.includes(name.toLowerCase());
  });
}
