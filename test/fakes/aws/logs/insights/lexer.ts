/** The words of a query of CloudWatch Logs Insights. */
import { AwsFault } from '../../core/service.ts';

export interface Token {
  readonly kind: 'word' | 'field' | 'number' | 'text' | 'regex' | 'sign';
  /** Of texts, regular expressions and fields in back quotes: what is inside. */
  readonly text: string;
  /** Where it begins and ends in the query. */
  readonly from: number;
  readonly to: number;
}

const SPACE = /(?:\s|#[^\n]*)*/y;
const WORD = /[@A-Za-z_][\w@]*(?:\.[\w@]+)*/y;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?:ms|[smhdw])?(?!\w)/y;
const TEXT = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/y;
const QUOTED = /`([^`]+)`/y;
const REGEX = /\/((?:[^/\\]|\\.)+)\//y;
const SIGN = /=~|!=|<=|>=|[=<>()+\-*/%^,|[\]]/y;

export function malformed(message: string): AwsFault {
  return new AwsFault(400, 'MalformedQueryException', message);
}

export function tokenize(query: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = skip(query, 0);
  while (at < query.length) {
    const token = next(query, at, tokens.at(-1));
    tokens.push(token);
    at = skip(query, token.to);
  }
  return tokens;
}

function skip(query: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.exec(query);
  return SPACE.lastIndex;
}

function next(query: string, from: number, before: Token | undefined): Token {
  // A slash opens a regular expression only where one can stand.
  const isRegex = before?.text.toLowerCase() === 'like' || before?.text === '=~';
  const kinds: readonly (readonly [Token['kind'], RegExp])[] = [
    ['word', WORD],
    ['number', NUMBER],
    ['text', TEXT],
    ['field', QUOTED],
    ...(isRegex ? ([['regex', REGEX]] as const) : []),
    ['sign', SIGN],
  ];
  for (const [kind, expression] of kinds) {
    expression.lastIndex = from;
    const match = expression.exec(query);
    if (!match) continue;
    const inner = match[1] ?? match[2];
    const text =
      kind === 'text' ? (inner ?? '').replaceAll(/\\(["'\\])/g, '$1') : (inner ?? match[0]);
    return { kind, text, from, to: expression.lastIndex };
  }
  throw malformed(
    `unexpected symbol found ${query[from] ?? ''} at line 1 and position ${from + 1}`,
  );
}
