/** Splits a filter of Pub/Sub into tokens. */

export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly at: number }
  /** A string literal, without its quotes and escapes. */
  | { readonly kind: 'text'; readonly text: string; readonly at: number }
  | { readonly kind: 'symbol'; readonly text: string; readonly at: number };

/** The filter cannot be read. */
export class FilterProblem extends Error {
  override readonly name = 'FilterProblem';
}

const WORD = /[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?/y;
const TEXT = /"(?:[^"\\\n]|\\.)*"/y;
const SYMBOL = /!=|[=:.,()-]/y;
const ESCAPE = /\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([0-7]{3})|(.))/g;
const PLAIN: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
  '?': '?',
};

export function tokensOf(filter: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < filter.length) {
    if (/\s/.test(filter.charAt(at))) {
      at += 1;
      continue;
    }
    const [token, length] = tokenAt(filter, at);
    tokens.push(token);
    at += length;
  }
  return tokens;
}

function tokenAt(filter: string, at: number): readonly [Token, number] {
  const text = matchAt(TEXT, filter, at);
  if (text !== undefined) {
    return [{ kind: 'text', text: unescaped(text.slice(1, -1), at), at }, text.length];
  }
  const word = matchAt(WORD, filter, at);
  if (word !== undefined) return [{ kind: 'word', text: word, at }, word.length];
  const symbol = matchAt(SYMBOL, filter, at);
  if (symbol !== undefined) return [{ kind: 'symbol', text: symbol, at }, symbol.length];
  if (filter.charAt(at) === '"') throw new FilterProblem(`unterminated string at position ${at}`);
  throw new FilterProblem(`unexpected character '${filter.charAt(at)}' at position ${at}`);
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function unescaped(text: string, at: number): string {
  return text.replace(
    ESCAPE,
    (_, unicode?: string, hex?: string, octal?: string, plain?: string) => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      const code = unicode ?? hex;
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
      const known = PLAIN[plain ?? ''];
      if (known === undefined) {
        throw new FilterProblem(`unknown escape sequence '\\${plain}' at position ${at}`);
      }
      return known;
    },
  );
}
