/** Functions of groups of rows. */
import type { Compiled, Scope } from './compile.ts';
import { orderOf } from './operations.ts';
import type { Expression } from './syntax.ts';
import { isNumeric, KqlSemanticError, type Row, type ScalarType, type Value } from './values.ts';

type Compile = (expression: Expression, scope: Scope) => Compiled;
type Aggregate = (inputs: readonly Expression[], scope: Scope, compile: Compile) => Compiled;
type Values = readonly Value[];

/** One input, and what comes of its values that are not null. */
function over(
  name: string,
  accepts: (type: ScalarType) => boolean,
  typeOf: (type: ScalarType) => ScalarType,
  act: (values: Values, more: Values) => Value,
  counts: readonly [least: number, most: number] = [1, 1],
): Aggregate {
  return (inputs, scope, compile) => {
    const [first] = inputs;
    if (!first || inputs.length < counts[0] || inputs.length > counts[1])
      throw new KqlSemanticError(
        `Function '${name}' expects ${counts[0]} argument(s), but was given ${inputs.length}`,
        'SEM0219',
      );
    const input = compile(first, scope);
    if (!accepts(input.type))
      throw new KqlSemanticError(
        `${name}(): argument #1 is of type ${input.type}, which is not supported. Try adding explicit casts`,
        'SEM0219',
      );
    const more = inputs.slice(1).map((each) => compile(each, { ...scope, columns: [] }).at([], []));
    return {
      type: typeOf(input.type),
      at: (_, group) =>
        act(
          group.map((row) => input.at(row, group)).filter((value) => value !== null),
          more,
        ),
    };
  };
}

/** The same with a condition as the last input. */
function conditional(name: string, inner: Aggregate): Aggregate {
  return (inputs, scope, compile) => {
    const test = condition(name, inputs.at(-1), scope, compile);
    const aggregate = inner(inputs.slice(0, -1), scope, compile);
    return {
      type: aggregate.type,
      at: (row, group) =>
        aggregate.at(
          row,
          group.filter((each) => test.at(each, group) === true),
        ),
    };
  };
}

function condition(
  name: string,
  expression: Expression | undefined,
  scope: Scope,
  compile: Compile,
): Compiled {
  const test = expression && compile(expression, scope);
  if (test?.type !== 'bool')
    throw new KqlSemanticError(`${name}(): a boolean predicate is expected`, 'SEM0219');
  return test;
}

function numbers(values: Values): readonly number[] {
  return values.filter((value) => typeof value === 'number');
}

function sumOf(values: Values): number {
  return numbers(values).reduce((sum, each) => sum + each, 0);
}

/** The value that so many percent are not above. Of nothing it is null. */
export function percentileOf(values: Values, percent: number): number | null {
  const sorted = numbers(values)
    .filter((value) => !Number.isNaN(value))
    .toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null;
}

function extreme(sign: 1 | -1): (values: Values) => Value {
  return (values) =>
    values.reduce<Value>(
      (best, each) => (best === null || (orderOf(each, best) ?? 0) * sign > 0 ? each : best),
      null,
    );
}

const isAmount = (type: ScalarType): boolean => isNumeric(type) || type === 'timespan';
const isOrdered = (type: ScalarType): boolean => type !== 'dynamic';
const isAny = (): boolean => true;
const same = (type: ScalarType): ScalarType => type;
const summed = (type: ScalarType): ScalarType => (type === 'int' ? 'long' : type);
const averaged = (type: ScalarType): ScalarType => (type === 'timespan' ? type : 'real');
const unique = (values: Values): Values => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
];

const sum = over('sum', isAmount, summed, sumOf);
// Of nothing it is 0 / 0.
const avg = over('avg', isAmount, averaged, (values) => sumOf(values) / values.length);
const min = over('min', isOrdered, same, extreme(-1));
const max = over('max', isOrdered, same, extreme(1));
const dcount = over(
  'dcount',
  isOrdered,
  () => 'long',
  (values) => unique(values).length,
  [1, 2],
);

const count: Aggregate = (inputs) => {
  if (inputs.some(({ kind }) => kind !== 'star'))
    throw new KqlSemanticError("Function 'count' expects no arguments", 'SEM0219');
  return { type: 'long', at: (_, group) => group.length };
};

const countif: Aggregate = (inputs, scope, compile) => {
  const test = condition('countif', inputs.length === 1 ? inputs[0] : undefined, scope, compile);
  return {
    type: 'long',
    at: (_, group) => group.filter((row) => test.at(row, group) === true).length,
  };
};

const AGGREGATES: Readonly<Record<string, Aggregate>> = {
  count,
  countif,
  sum,
  sumif: conditional('sumif', sum),
  avg,
  avgif: conditional('avgif', avg),
  min,
  minif: conditional('minif', min),
  max,
  maxif: conditional('maxif', max),
  dcount,
  dcountif: conditional('dcountif', dcount),
  percentile: over(
    'percentile',
    isAmount,
    same,
    (values, [percent]) => percentileOf(values, Number(percent)),
    [2, 2],
  ),
  make_list: over(
    'make_list',
    isAny,
    () => 'dynamic',
    (values) => values,
    [1, 2],
  ),
  make_set: over('make_set', isAny, () => 'dynamic', unique, [1, 2]),
  take_any: over('take_any', isAny, same, (values) => values[0] ?? null),
  any: over('any', isAny, same, (values) => values[0] ?? null),
};

export function aggregateOf(name: string): Aggregate | undefined {
  return Object.hasOwn(AGGREGATES, name) ? AGGREGATES[name] : undefined;
}

/** The row in which something is most, or least. */
export function extremeRow(by: Compiled, group: readonly Row[], isMost: boolean): Row | undefined {
  const best = extreme(isMost ? 1 : -1)(
    group.map((row) => by.at(row, group)).filter((value) => value !== null),
  );
  return group.find((row) => by.at(row, group) === best);
}
