/**
 * The filters of Cloud Logging and Cloud Monitoring, as far as they are alike: comparisons of fields, `AND`, `OR`, `NOT`,
 * parentheses, and lists of values.
 */
import { GoogleFault } from '../core/fault.ts';

/** The value of a field by its path; undefined where there is none. */
export type FieldReader = (path: string) => unknown;
export type Filter = (read: FieldReader) => boolean;

type Token =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'mark'; readonly text: string };

const TOKEN =
  /\s*(?:(")((?:[^"\\]|\\.)*)"|(>=|<=|!=|=~|!~|[=<>:()-])|([\w./%*@+\u0080-\uffff][\w./%*@+\u0080-\uffff-]*))/y;

export function parseFilter(text: string): Filter {
  const tokens = tokensOf(text);
  let at = 0;
  const peek = (): Token | undefined => tokens[at];
  const is = (wanted: string): boolean => {
    const token = peek();
    return token !== undefined && token.kind !== 'text' && token.text === wanted;
  };
  const take = (wanted: string): boolean => {
    if (!is(wanted)) return false;
    at += 1;
    return true;
  };
  const fail = (): GoogleFault =>
    new GoogleFault(
      'INVALID_ARGUMENT',
      `Unparseable filter: syntax error at token '${peek()?.text ?? 'end of filter'}'`,
    );

  const or = (): Filter => {
    const parts = [and()];
    while (take('OR')) parts.push(and());
    return (read) => parts.some((part) => part(read));
  };
  const and = (): Filter => {
    const parts = [not()];
    while (take('AND') || (peek() !== undefined && !is('OR') && !is(')'))) parts.push(not());
    return (read) => parts.every((part) => part(read));
  };
  const not = (): Filter => {
    if (take('NOT') || take('-')) {
      const part = not();
      return (read) => !part(read);
    }
    if (take('(')) {
      const part = or();
      if (!take(')')) throw fail();
      return part;
    }
    return comparison();
  };
  const comparison = (): Filter => {
    const field = peek();
    if (field?.kind !== 'word') throw fail();
    at += 1;
    const operator = peek();
    const compare = operator?.kind === 'mark' ? OPERATORS[operator.text] : undefined;
    if (compare === undefined) throw fail();
    at += 1;
    const values = valueList();
    return (read) => values((value) => compare(read(field.text), value));
  };
  /** One value, or several in parentheses with AND or OR between them. */
  const valueList = (): ((test: (value: string) => boolean) => boolean) => {
    if (!take('(')) {
      const value = oneValue();
      return (test) => test(value);
    }
    const values = [oneValue()];
    const word = is('AND') ? 'AND' : 'OR';
    while (take(word)) values.push(oneValue());
    if (!take(')')) throw fail();
    return (test) => (word === 'AND' ? values.every(test) : values.some(test));
  };
  const oneValue = (): string => {
    const token = peek();
    if (token === undefined || token.kind === 'mark') throw fail();
    at += 1;
    return token.text;
  };

  const filter = or();
  if (at < tokens.length) throw fail();
  return filter;
}

const OPERATORS: Readonly<Record<string, (actual: unknown, wanted: string) => boolean>> = {
  '=': (actual, wanted) => same(actual, wanted),
  '!=': (actual, wanted) => actual !== undefined && !same(actual, wanted),
  '>': (actual, wanted) => order(actual, wanted) > 0,
  '>=': (actual, wanted) => order(actual, wanted) >= 0,
  '<': (actual, wanted) => order(actual, wanted) < 0,
  '<=': (actual, wanted) => order(actual, wanted) <= 0,
  ':': (actual, wanted) => textOf(actual)?.toLowerCase().includes(wanted.toLowerCase()) ?? false,
};

/** Texts are compared without regard to case (Logging query language, "Comparisons"). */
function same(actual: unknown, wanted: string): boolean {
  return textOf(actual)?.toLowerCase() === wanted.toLowerCase();
}

/** `LogSeverity`: compared by rank ("Logging query language", "Values and conversions"). */
export const SEVERITIES: readonly string[] = [
  'DEFAULT',
  'DEBUG',
  'INFO',
  'NOTICE',
  'WARNING',
  'ERROR',
  'CRITICAL',
  'ALERT',
  'EMERGENCY',
];

function order(actual: unknown, wanted: string): number {
  const text = textOf(actual);
  if (text === undefined) return NaN;
  const rank = SEVERITIES.indexOf(wanted);
  if (rank >= 0) return SEVERITIES.indexOf(text) - rank;
  const times = [Date.parse(text), Date.parse(wanted)];
  if (/^\d{4}-/.test(wanted) && times.every((time) => !Number.isNaN(time))) {
    return (times[0] ?? 0) - (times[1] ?? 0);
  }
  return Number(text) - Number(wanted);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  while (text.slice(pattern.lastIndex).trim() !== '') {
    const start = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) {
      throw new GoogleFault(
        'INVALID_ARGUMENT',
        `Unparseable filter: unexpected character at '${text.slice(start, start + 20)}'`,
      );
    }
    const [, quote, quoted, mark, word] = match;
    if (quote !== undefined) {
      tokens.push({ kind: 'text', text: (quoted ?? '').replaceAll(/\\(.)/g, '$1') });
    } else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
    else tokens.push({ kind: 'word', text: word ?? '' });
  }
  return tokens;
}
