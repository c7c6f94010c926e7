/** What expressions come to, for a row or for a group of rows. */
import type { Row, Value } from './fields.ts';
import { malformed } from './lexer.ts';
import type { Expression } from './parser.ts';

/** The rows of a group, for `stats`. */
export type Group = readonly Row[];

type Aggregate = (inputs: readonly Expression[], rows: Group) => Value;
type Scalar = (values: readonly Value[], row: Row) => Value;

export function evaluate(expression: Expression, row: Row, group?: Group): Value {
  const on = (inner: Expression): Value => evaluate(inner, row, group);
  if (expression.kind === 'literal') return expression.value;
  if (expression.kind === 'field') return row.get(expression.name);
  if (expression.kind === 'span') return expression.ms;
  if (expression.kind === 'all') throw malformed('unexpected symbol found *');
  if (expression.kind === 'not') return !isTrue(on(expression.inner));
  if (expression.kind === 'like') return expression.regex.test(textOf(on(expression.inner)));
  if (expression.kind === 'in') {
    const value = on(expression.inner);
    return expression.of.some((member) => compare(value, on(member)) === 0);
  }
  if (expression.kind === 'call') return call(expression, row, group);
  const { operator } = expression;
  const left = on(expression.left);
  if (operator === 'and') return isTrue(left) && isTrue(on(expression.right));
  if (operator === 'or') return isTrue(left) || isTrue(on(expression.right));
  return binary(operator, left, on(expression.right));
}

/** Whether an expression takes a whole group. */
export function isAggregate(expression: Expression): boolean {
  if (expression.kind === 'call') {
    return (
      Object.hasOwn(AGGREGATES, expression.name) ||
      expression.inputs.some((each) => isAggregate(each))
    );
  }
  return (
    expression.kind === 'binary' && (isAggregate(expression.left) || isAggregate(expression.right))
  );
}

export function isTrue(value: Value): boolean {
  return value === true || value === 1;
}

/** A value as a number, when it is one. */
export function numeric(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (value instanceof Date) return value.getTime();
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** As numbers where both are some, else as texts. Undefined when one is missing. */
export function compare(one: Value, other: Value): number | undefined {
  if (one === undefined || other === undefined) return undefined;
  const [first, second] = [numeric(one), numeric(other)];
  if (first !== undefined && second !== undefined) return first - second;
  const [left, right] = [textOf(one), textOf(other)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** A value as a result shows it. */
export function textOf(value: Value): string {
  if (value === undefined) return '';
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '');
  if (typeof value !== 'number') return String(value);
  const rounded = Number(value.toFixed(4));
  // Large numbers come in the scientific form: 128 MB are 1.28E8.
  if (Math.abs(rounded) < 1e7) return String(rounded);
  const [mantissa = '', exponent = ''] = rounded.toExponential().split('e+');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${exponent}`;
}

function binary(operator: string, left: Value, right: Value): Value {
  const order = compare(left, right);
  if (operator === '=') return order === 0;
  if (operator === '!=') return order !== 0;
  if (operator === '<') return order !== undefined && order < 0;
  if (operator === '>') return order !== undefined && order > 0;
  if (operator === '<=') return order !== undefined && order <= 0;
  if (operator === '>=') return order !== undefined && order >= 0;
  const [one, other] = [numeric(left), numeric(right)];
  if (one === undefined || other === undefined) return undefined;
  if (operator === '+') return one + other;
  if (operator === '-') return one - other;
  if (operator === '*') return one * other;
  if (operator === '^') return one ** other;
  if (other === 0) return undefined;
  return operator === '/' ? one / other : one % other;
}

function call(
  expression: Extract<Expression, { readonly kind: 'call' }>,
  row: Row,
  group: Group | undefined,
): Value {
  const { name, inputs } = expression;
  const aggregate = Object.hasOwn(AGGREGATES, name) ? AGGREGATES[name] : undefined;
  if (aggregate) {
    if (!group) throw malformed(`${name} may only stand in stats`);
    return aggregate(inputs, group);
  }
  const scalar = Object.hasOwn(SCALARS, name) ? SCALARS[name] : undefined;
  if (!scalar) throw malformed(`unknown function ${name}`);
  return scalar(
    inputs.map((input) => evaluate(input, row, group)),
    row,
  );
}

function values(inputs: readonly Expression[], rows: Group): readonly Value[] {
  const [input] = inputs;
  if (!input) throw malformed('a function misses its argument');
  return rows.map((row) => evaluate(input, row)).filter((value) => value !== undefined);
}

function numbers(inputs: readonly Expression[], rows: Group): readonly number[] {
  return values(inputs, rows).flatMap((value) => numeric(value) ?? []);
}

function average(all: readonly number[]): number | undefined {
  return all.length === 0 ? undefined : all.reduce((sum, each) => sum + each, 0) / all.length;
}

/** Of nothing it is nothing; else the value that so many percent are not above. */
function percentile(all: readonly number[], percent: number): number | undefined {
  const sorted = all.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}

function byTime(rows: Group): Group {
  return rows.toSorted((one, other) => (one.event?.timestamp ?? 0) - (other.event?.timestamp ?? 0));
}

const AGGREGATES: Readonly<Record<string, Aggregate>> = {
  count: (inputs, rows) =>
    inputs.length === 0 || inputs[0]?.kind === 'all' ? rows.length : values(inputs, rows).length,
  count_distinct: (inputs, rows) => new Set(values(inputs, rows).map(textOf)).size,
  avg: (inputs, rows) => average(numbers(inputs, rows)),
  sum(inputs, rows) {
    const all = numbers(inputs, rows);
    return all.length === 0 ? undefined : all.reduce((sum, each) => sum + each, 0);
  },
  min: (inputs, rows) =>
    numbers(inputs, rows).reduce<number | undefined>(
      (least, each) => Math.min(least ?? each, each),
      undefined,
    ),
  max: (inputs, rows) =>
    numbers(inputs, rows).reduce<number | undefined>(
      (most, each) => Math.max(most ?? each, each),
      undefined,
    ),
  pct(inputs, rows) {
    const [, percent] = inputs;
    if (percent?.kind !== 'literal' || typeof percent.value !== 'number') {
      throw malformed('pct needs a percentage');
    }
    return percentile(numbers(inputs, rows), percent.value);
  },
  median: (inputs, rows) => percentile(numbers(inputs, rows), 50),
  stddev(inputs, rows) {
    const all = numbers(inputs, rows);
    const mean = average(all) ?? 0;
    const variance = average(all.map((each) => (each - mean) ** 2));
    return variance === undefined ? undefined : Math.sqrt(variance);
  },
  earliest: (inputs, rows) => values(inputs, byTime(rows)).at(0),
  latest: (inputs, rows) => values(inputs, byTime(rows)).at(-1),
};

const rounding =
  (round: (value: number) => number): Scalar =>
  ([value]) => {
    const number = numeric(value);
    return number === undefined ? undefined : round(number);
  };

const SCALARS: Readonly<Record<string, Scalar>> = {
  bin([span], { event }) {
    const ms = numeric(span);
    if (ms === undefined || ms <= 0 || !event) throw malformed('bin needs a period');
    return new Date(Math.floor(event.timestamp / ms) * ms);
  },
  abs: rounding(Math.abs),
  ceil: rounding(Math.ceil),
  floor: rounding(Math.floor),
  sqrt: rounding(Math.sqrt),
  greatest: (all) => Math.max(...all.flatMap((each) => numeric(each) ?? [])),
  least: (all) => Math.min(...all.flatMap((each) => numeric(each) ?? [])),
  coalesce: (all) => all.find((each) => each !== undefined),
  ispresent: ([value]) => value !== undefined,
  isempty: ([value]) => value === undefined || value === '',
  isblank: ([value]) => textOf(value).trim() === '',
  concat: (all) => all.map(textOf).join(''),
  strlen: ([value]) => textOf(value).length,
  toupper: ([value]) => textOf(value).toUpperCase(),
  tolower: ([value]) => textOf(value).toLowerCase(),
  trim: ([value]) => textOf(value).trim(),
  strcontains: ([value, part]) => (textOf(value).includes(textOf(part)) ? 1 : 0),
  substr: ([value, from, length]) =>
    textOf(value).substring(
      numeric(from) ?? 0,
      length === undefined ? undefined : (numeric(from) ?? 0) + (numeric(length) ?? 0),
    ),
};
