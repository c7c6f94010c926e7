/** Finds what JSON text the engine refuses without a place, and what it takes without a word. */

const TOKEN =
  /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[[\]{},:]/uy;
const SPACE = /[ \t\n\r]*/y;

/** What may come next. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end';

interface Token {
  readonly text: string;
  readonly offset: number;
  readonly isKey: boolean;
}

/** The offset of the first character that cannot be JSON; the length of the text when it only ends too early. */
export function jsonErrorOffset(text: string): number {
  const tokens = jsonTokens(text);
  for (;;) {
    const { done, value } = tokens.next();
    if (done === true) return value;
  }
}

/** The first key that stands twice in one object: the engine would take the last and drop the others. */
export function findDuplicateKey(text: string): { key: string; offset: number } | undefined {
  const open: (Set<string> | undefined)[] = [];
  for (const token of jsonTokens(text)) {
    if (token.text === '{') open.push(new Set());
    else if (token.text === '[') open.push(undefined);
    else if (token.text === '}' || token.text === ']') open.pop();
    else if (token.isKey) {
      // As the engine reads it: an escape may spell the same key.
      const key: unknown = JSON.parse(token.text);
      const keys = open.at(-1);
      if (typeof key !== 'string' || keys === undefined) continue;
      if (keys.has(key)) return { key, offset: token.offset };
      keys.add(key);
    }
  }
  return undefined;
}

/** @returns the offset where it stopped. */
function* jsonTokens(text: string): Generator<Token, number, undefined> {
  const open: ('[' | '{')[] = [];
  let expected: Expected = 'value';
  for (let offset = skip(SPACE, text, 0); offset < text.length;) {
    TOKEN.lastIndex = offset;
    const token: string | undefined = TOKEN.exec(text)?.[0];
    const next: Expected | undefined =
      token === undefined ? undefined : follow(token, expected, open);
    if (token === undefined || next === undefined) return offset;
    yield { text: token, offset, isKey: next === ':' };
    expected = next;
    offset = skip(SPACE, text, offset + token.length);
  }
  return text.length;
}

function skip(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset;
  return offset + (pattern.exec(text)?.[0].length ?? 0);
}

/** @returns what may come after this token, or undefined where the token may not stand. */
function follow(token: string, expected: Expected, open: ('[' | '{')[]): Expected | undefined {
  switch (token) {
    case '[':
    case '{':
      if (expected !== 'value' && expected !== 'value or ]') return undefined;
      open.push(token);
      return token === '[' ? 'value or ]' : 'key or }';
    case ']':
      if (expected !== 'value or ]' && (expected !== ', or end' || open.at(-1) !== '['))
        return undefined;
      open.pop();
      return ', or end';
    case '}':
      if (expected !== 'key or }' && (expected !== ', or end' || open.at(-1) !== '{'))
        return undefined;
      open.pop();
      return ', or end';
    case ':':
      return expected === ':' ? 'value' : undefined;
    case ',':
      if (expected !== ', or end' || open.length === 0) return undefined;
      return open.at(-1) === '[' ? 'value' : 'key';
    default:
      break;
  }
  if (expected === 'value' || expected === 'value or ]') return ', or end';
  const isKey = token.startsWith('"') && (expected === 'key' || expected === 'key or }');
  return isKey ? ':' : undefined;
}
