import type { Reader } from './reader.ts';
import type { Expression, Named } from './syntax.ts';
import { parseDate, parseSpan, type ScalarType, type Value } from './values.ts';

const COMPARISONS = new Set(['==', '!=', '<>', '=~', '!~', '<', '<=', '>', '>=']);
/** Each may have a `!` before it. */
const WORD_OPERATORS = new Set([
  'has',
  'has_cs',
  'contains',
  'contains_cs',
  'startswith',
  'startswith_cs',
  'endswith',
  'endswith_cs',
]);
const LITERAL_TYPES: Readonly<Record<string, ScalarType>> = {
  datetime: 'datetime',
  date: 'datetime',
  timespan: 'timespan',
  time: 'timespan',
  dynamic: 'dynamic',
  real: 'real',
  double: 'real',
  long: 'long',
  int: 'int',
  bool: 'bool',
};

export function parseExpression(reader: Reader): Expression {
  let left = parseAnd(reader);
  while (reader.take('or')) left = binary('or', left, parseAnd(reader));
  return left;
}

/** `name = expression`, `(a, b) = expression`, or just an expression. */
export function parseNamed(reader: Reader): Named {
  if (reader.peek().kind === 'word' && reader.is('=', 1)) {
    const names = [reader.name()];
    reader.expect('=');
    return { names, expression: parseExpression(reader) };
  }
  if (isNameList(reader)) {
    reader.expect('(');
    const names = reader.list(() => reader.name());
    reader.expect(')');
    reader.expect('=');
    return { names, expression: parseExpression(reader) };
  }
  return { names: [], expression: parseExpression(reader) };
}

function isNameList(reader: Reader): boolean {
  if (!reader.is('(')) return false;
  for (let ahead = 1; ; ahead += 2) {
    if (reader.peek(ahead).kind !== 'word') return false;
    if (reader.is(')', ahead + 1)) return reader.is('=', ahead + 2);
    if (!reader.is(',', ahead + 1)) return false;
  }
}

function parseAnd(reader: Reader): Expression {
  let left = parseComparison(reader);
  while (reader.take('and')) left = binary('and', left, parseComparison(reader));
  return left;
}

function parseComparison(reader: Reader): Expression {
  const left = parseSum(reader);
  const token = reader.peek();
  if (token.kind === 'sign' && COMPARISONS.has(token.text)) {
    reader.next();
    return binary(token.text === '<>' ? '!=' : token.text, left, parseSum(reader));
  }
  if (reader.take('matches', 'regex')) return binary('matches regex', left, parseSum(reader));
  const isNegative = reader.is('!') && reader.peek(1).kind === 'word';
  const word = reader.peek(isNegative ? 1 : 0);
  if (word.kind !== 'word') return left;
  const isWanted =
    WORD_OPERATORS.has(word.text) ||
    ['in', 'between'].includes(word.text) ||
    (!isNegative && word.text === 'has_any');
  if (!isWanted) return left;
  if (isNegative) reader.next();
  reader.next();
  if (word.text === 'in') return parseIn(reader, left, isNegative);
  if (word.text === 'between') return parseBetween(reader, left, isNegative);
  if (word.text === 'has_any') return parseHasAny(reader, left);
  return binary(`${isNegative ? '!' : ''}${word.text}`, left, parseSum(reader));
}

function parseIn(reader: Reader, inner: Expression, isNegative: boolean): Expression {
  // `in~` comes as two words.
  const ignoresCase = reader.take('~');
  return { kind: 'in', inner, of: inputs(reader), isNegative, ignoresCase };
}

function parseBetween(reader: Reader, inner: Expression, isNegative: boolean): Expression {
  reader.expect('(');
  const low = parseSum(reader);
  reader.expect('..');
  const high = parseSum(reader);
  reader.expect(')');
  return { kind: 'between', inner, low, high, isNegative };
}

function parseHasAny(reader: Reader, left: Expression): Expression {
  return inputs(reader)
    .map((input) => binary('has', left, input))
    .reduce((one, other) => binary('or', one, other));
}

function parseSum(reader: Reader): Expression {
  let left = parseProduct(reader);
  while (reader.is('+') || reader.is('-'))
    left = binary(reader.next().text, left, parseProduct(reader));
  return left;
}

function parseProduct(reader: Reader): Expression {
  let left = parseUnary(reader);
  while (reader.is('*') || reader.is('/') || reader.is('%'))
    left = binary(reader.next().text, left, parseUnary(reader));
  return left;
}

function parseUnary(reader: Reader): Expression {
  if (reader.take('-')) return { kind: 'negative', inner: parseUnary(reader) };
  if (reader.take('+')) return parseUnary(reader);
  return parsePostfix(reader);
}

function parsePostfix(reader: Reader): Expression {
  let of = parsePrimary(reader);
  for (;;) {
    if (reader.take('.')) of = { kind: 'member', of, name: reader.name() };
    else if (reader.take('[')) {
      of = { kind: 'index', of, index: parseExpression(reader) };
      reader.expect(']');
    } else return of;
  }
}

function parsePrimary(reader: Reader): Expression {
  const token = reader.peek();
  if (token.kind === 'text') return literal('string', reader.next().text);
  if (token.kind === 'span') return literal('timespan', parseSpan(reader.next().text) ?? null);
  if (token.kind === 'number') {
    reader.next();
    return literal(/^\d+$/.test(token.text) ? 'long' : 'real', Number(token.text));
  }
  if (reader.take('(')) {
    const inner = parseExpression(reader);
    reader.expect(')');
    return inner;
  }
  if (reader.take('*')) return { kind: 'star' };
  if (reader.is('[') && reader.peek(1).kind === 'text')
    return { kind: 'name', name: reader.name() };
  if (token.kind !== 'word') throw reader.error();
  const name = reader.name();
  if (name === 'true' || name === 'false') return literal('bool', name === 'true');
  if (!reader.is('(')) return { kind: 'name', name };
  const type = Object.hasOwn(LITERAL_TYPES, name) ? LITERAL_TYPES[name] : undefined;
  if (type) return parseLiteral(reader, type);
  return { kind: 'call', name, inputs: inputs(reader) };
}

/** `datetime(2026-01-01)`, `real(null)`, `dynamic({"a": 1})`. */
function parseLiteral(reader: Reader, type: ScalarType): Expression {
  const start = reader.peek();
  reader.expect('(');
  const { text } = reader.next();
  reader.expect(')');
  if (text === 'null' || (text === '' && type !== 'dynamic')) return literal(type, null);
  const value = literalValue(type, text);
  if (value === undefined) throw reader.error(start);
  return literal(type, value);
}

function literalValue(type: ScalarType, text: string): Value | undefined {
  const bare = text.replace(/^(["'])(.*)\1$/s, '$2');
  if (type === 'datetime') return parseDate(bare);
  if (type === 'timespan') return parseSpan(bare);
  if (type === 'bool') return BOOLEANS[bare.toLowerCase()];
  if (type === 'dynamic') {
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON is a value.
      return JSON.parse(text.replace(/^'(.*)'$/s, '"$1"')) as Value;
    } catch {
      return undefined;
    }
  }
  const number = type === 'real' && bare === 'nan' ? Number.NaN : Number(bare);
  if (Number.isNaN(number)) return bare === 'nan' ? number : undefined;
  return type === 'real' || Number.isInteger(number) ? number : undefined;
}

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false, 1: true, 0: false };

function inputs(reader: Reader): readonly Expression[] {
  reader.expect('(');
  if (reader.take(')')) return [];
  const all = reader.list(() => parseExpression(reader));
  reader.expect(')');
  return all;
}

function binary(operator: string, left: Expression, right: Expression): Expression {
  return { kind: 'binary', operator, left, right };
}

function literal(type: ScalarType, value: Value): Expression {
  return { kind: 'literal', type, value };
}
