/** Splits a SQL filter of Service Bus into tokens. */

export type Token =
  | { readonly kind: 'word'; readonly text: string }
  /** In brackets or double quotes: a name, whatever it looks like. */
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'symbol'; readonly text: string };

/** The expression cannot be read. */
export class SqlProblem extends Error {
  override readonly name = 'SqlProblem';
}

const PATTERNS: readonly (readonly [RegExp, (text: string) => Token])[] = [
  [/'(?:[^']|'')*'/y, (text) => ({ kind: 'text', text: text.slice(1, -1).replaceAll("''", "'") })],
  [/\[(?:[^\]]|\]\])*\]/y, (text) => ({ kind: 'name', text: unquoted(text, ']') })],
  [/"(?:[^"]|"")*"/y, (text) => ({ kind: 'name', text: unquoted(text, '"') })],
  [/\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y, (text) => ({ kind: 'number', value: Number(text) })],
  [/[A-Za-z_][A-Za-z0-9_$]*/y, (text) => ({ kind: 'word', text })],
  [/<>|!=|<=|>=|[=<>(),.+\-*/%]/y, (text) => ({ kind: 'symbol', text })],
];

export function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const start = at;
    if (/\s/.test(sql.charAt(at))) {
      at += 1;
      continue;
    }
    for (const [pattern, make] of PATTERNS) {
      pattern.lastIndex = at;
      const [text] = pattern.exec(sql) ?? [];
      if (text === undefined) continue;
      tokens.push(make(text));
      at += text.length;
      break;
    }
    if (at === start) throw new SqlProblem(`unexpected character '${sql.charAt(at)}' at ${at}`);
  }
  return tokens;
}

function unquoted(text: string, quote: string): string {
  return text.slice(1, -1).replaceAll(quote + quote, quote);
}
