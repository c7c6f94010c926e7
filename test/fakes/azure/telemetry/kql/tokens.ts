/** The words of a query of the Kusto Query Language. */
import { KqlSyntaxError } from './values.ts';

export interface Token {
  readonly kind: 'word' | 'number' | 'span' | 'text' | 'raw' | 'sign' | 'end';
  /** Of texts, what is inside. */
  readonly text: string;
  /** Where it begins in the query. */
  readonly at: number;
}

const SPACE = /(?:\s|\/\/[^\n]*)*/y;
const KINDS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['word', /[A-Za-z_$][\w$]*/y],
  ['span', /\d+(?:\.\d+)?(?:d|h|m|s|ms|microsecond|tick)\b/y],
  ['number', /(?:\d+\.\d+|\d+\.(?!\.)|\.\d+|\d+)(?:[eE][+-]?\d+)?(?![\w])/y],
  ['text', /@"(?<v2>(?:[^"]|"")*)"|@'(?<v1>(?:[^']|'')*)'/y],
  ['text', /"(?<d>(?:[^"\\\n]|\\.)*)"|'(?<s>(?:[^'\\\n]|\\.)*)'/y],
  ['sign', /==|!=|=~|!~|<=|>=|<>|\.\.|[=<>()+\-*/%,|.;:[\]{}!~]/y],
];

/** What stands in the parentheses of these is taken as it is: `datetime(2026-01-01)`. */
const LITERALS = new Set([
  'datetime',
  'date',
  'timespan',
  'time',
  'dynamic',
  'real',
  'double',
  'long',
  'int',
  'bool',
]);

export function tokenize(query: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = after(SPACE, query, 0);
  while (at < query.length) {
    const { token, end } = beginsLiteral(tokens) ? raw(query, at) : next(query, at);
    tokens.push(token);
    at = after(SPACE, query, end);
  }
  return [...tokens, { kind: 'end', text: '', at: query.length }];
}

function beginsLiteral(tokens: readonly Token[]): boolean {
  const [word, open] = tokens.slice(-2);
  return open?.text === '(' && word?.kind === 'word' && LITERALS.has(word.text);
}

/** All up to the parenthesis that closes; those in texts and in JSON do not. */
function raw(query: string, at: number): { readonly token: Token; readonly end: number } {
  const inside = /(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^()"'])*/y;
  const end = after(inside, query, at);
  if (query[end] !== ')') throw syntaxError(query, end, query[end] ?? '');
  return { token: { kind: 'raw', text: query.slice(at, end).trim(), at }, end };
}

export function syntaxError(query: string, at: number, token: string): KqlSyntaxError {
  const lines = query.slice(0, at).split('\n');
  return new KqlSyntaxError(lines.length, lines.at(-1)?.length ?? 0, token);
}

function next(query: string, at: number): { readonly token: Token; readonly end: number } {
  for (const [kind, expression] of KINDS) {
    expression.lastIndex = at;
    const match = expression.exec(query);
    if (!match) continue;
    const { d, s, v1, v2 } = match.groups ?? {};
    const escaped = d ?? s;
    const verbatim = v2?.replaceAll('""', '"') ?? v1?.replaceAll("''", "'");
    const text = escaped === undefined ? (verbatim ?? match[0]) : unescape(escaped);
    return { token: { kind, text, at }, end: expression.lastIndex };
  }
  throw syntaxError(query, at, query[at] ?? '');
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

function unescape(text: string): string {
  return text.replaceAll(/\\(u[0-9a-fA-F]{4}|.)/gs, (_, code: string) =>
    code.length > 1
      ? String.fromCodePoint(Number.parseInt(code.slice(1), 16))
      : (ESCAPES[code] ?? code),
  );
}

function after(expression: RegExp, query: string, at: number): number {
  expression.lastIndex = at;
  expression.exec(query);
  return expression.lastIndex;
}
