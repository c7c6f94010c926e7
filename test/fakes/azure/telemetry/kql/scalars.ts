/** Functions of values. */
import type { Compiled } from './compile.ts';
import { parseJson, toBool, toDate, toReal, toSpan, toText, toWhole } from './conversions.ts';
import { commonType, isNumeric, KqlSemanticError, type ScalarType, type Value } from './values.ts';

type Scalar = (
  inputs: readonly Compiled[],
  call: { readonly name: string; readonly now: number },
) => Compiled;

/** @param type of the result, or what finds it out */
function simple(
  type: ScalarType | ((types: readonly ScalarType[], name: string) => ScalarType),
  counts: readonly [least: number, most: number],
  act: (values: readonly Value[], types: readonly ScalarType[], now: number) => Value,
): Scalar {
  return (inputs, { name, now }) => {
    if (inputs.length < counts[0] || inputs.length > counts[1])
      throw new KqlSemanticError(
        `Function '${name}' expects ${counts[0] === counts[1] ? counts[0] : `${counts[0]} or more`} argument(s), but was given ${inputs.length}`,
        'SEM0219',
      );
    const types = inputs.map((input) => input.type);
    return {
      type: typeof type === 'string' ? type : type(types, name),
      at: (row, group) =>
        act(
          inputs.map((input) => input.at(row, group)),
          types,
          now,
        ),
    };
  };
}

const MANY = Number.POSITIVE_INFINITY;

function isEmpty(value: Value | undefined): boolean {
  return value === undefined || value === null || value === '';
}

/** Texts are never null. */
function isNull(value: Value | undefined): boolean {
  return value === null || value === undefined;
}

function text(values: readonly Value[], types: readonly ScalarType[], index = 0): string {
  return toText(values[index] ?? null, types[index] ?? 'string');
}

function together(types: readonly ScalarType[], name: string): ScalarType {
  const type = types.reduce<ScalarType | undefined>(
    (known, each) => (known === undefined ? undefined : commonType(known, each)),
    types[0],
  );
  if (type === undefined)
    throw new KqlSemanticError(
      `Function '${name}': the types of its arguments differ: ${types.join(', ')}`,
      'SEM0021',
    );
  return type;
}

function needNumber(types: readonly ScalarType[], name: string): ScalarType {
  const [type = 'dynamic'] = types;
  if (isNumeric(type)) return type;
  throw new KqlSemanticError(
    `${name}(): argument #1 is expected to be numeric, not ${type}`,
    'SEM0219',
  );
}

const convert = (type: ScalarType, act: (value: Value, from: ScalarType) => Value): Scalar =>
  simple(type, [1, 1], ([value = null], [from = 'string']) => act(value, from));

const nullTest = (test: (value: Value | undefined) => boolean): Scalar =>
  simple('bool', [1, 1], ([value]) => test(value));

const rounding = (round: (value: number) => number, type?: ScalarType): Scalar =>
  simple(
    (types, name) => type ?? needNumber(types, name),
    [1, 1],
    ([value]) => (typeof value === 'number' ? round(value) : null),
  );

const choice = (pick: (numbers: readonly number[]) => number): Scalar =>
  simple(together, [2, MANY], (values) => {
    const numbers = values.flatMap((value) => (typeof value === 'number' ? [value] : []));
    return numbers.length === 0 ? null : pick(numbers);
  });

const changed = (act: (value: string) => string): Scalar =>
  simple('string', [1, 1], (values, types) => act(text(values, types)));

const bin: Scalar = simple(
  ([value = 'dynamic', step = 'dynamic'], name) => {
    const fits =
      (value === 'datetime' && step === 'timespan') ||
      (value === 'timespan' && step === 'timespan') ||
      (isNumeric(value) && isNumeric(step));
    if (!fits)
      throw new KqlSemanticError(
        `${name}(): cannot round a value of type ${value} to ${step}`,
        'SEM0219',
      );
    return isNumeric(value) ? (commonType(value, step) ?? 'real') : value;
  },
  [2, 2],
  ([value, step]) =>
    typeof value === 'number' && typeof step === 'number' && step > 0
      ? Math.floor(value / step) * step
      : null,
);

const iff: Scalar = simple(
  ([condition, ...rest], name) => {
    if (condition !== 'bool')
      throw new KqlSemanticError(`${name}(): argument #1 is expected to be boolean`, 'SEM0219');
    return together(rest, name);
  },
  [3, 3],
  ([condition, one = null, other = null]) => (condition === true ? one : other),
);

const caseOf: Scalar = simple(
  (types, name) =>
    together(
      types.filter((_, index) => index % 2 === 1 || index === types.length - 1),
      name,
    ),
  [3, MANY],
  (values) => {
    for (let at = 0; at + 1 < values.length; at += 2)
      if (values[at] === true) return values[at + 1] ?? null;
    return values.at(-1) ?? null;
  },
);

const SCALARS: Readonly<Record<string, Scalar>> = {
  tostring: convert('string', toText),
  todouble: convert('real', toReal),
  toreal: convert('real', toReal),
  toint: convert('int', toWhole),
  tolong: convert('long', toWhole),
  tobool: convert('bool', toBool),
  toboolean: convert('bool', toBool),
  todatetime: convert('datetime', toDate),
  totimespan: convert('timespan', toSpan),
  todynamic: convert('dynamic', parseJson),
  parse_json: convert('dynamic', parseJson),
  parsejson: convert('dynamic', parseJson),
  isnull: nullTest((value) => isNull(value)),
  isnotnull: nullTest((value) => !isNull(value)),
  notnull: nullTest((value) => !isNull(value)),
  isempty: nullTest((value) => isEmpty(value)),
  isnotempty: nullTest((value) => !isEmpty(value)),
  notempty: nullTest((value) => !isEmpty(value)),
  isnan: nullTest((value) => Number.isNaN(value)),
  isfinite: nullTest((value) => Number.isFinite(value)),
  not: simple(
    ([type], name) => {
      if (type === 'bool') return type;
      throw new KqlSemanticError(`${name}(): argument #1 is expected to be boolean`, 'SEM0219');
    },
    [1, 1],
    ([value]) => (typeof value === 'boolean' ? !value : null),
  ),
  strcat: simple('string', [1, 64], (values, types) =>
    values.map((_, index) => text(values, types, index)).join(''),
  ),
  strlen: simple('long', [1, 1], (values, types) => text(values, types).length),
  tolower: changed((value) => value.toLowerCase()),
  toupper: changed((value) => value.toUpperCase()),
  substring: simple('string', [2, 3], (values, types) => {
    const [, from = 0, length = MANY] = values;
    return text(values, types).slice(Number(from), Number(from) + Number(length));
  }),
  replace_string: simple('string', [3, 3], (values, types) =>
    text(values, types).replaceAll(text(values, types, 1), text(values, types, 2)),
  ),
  extract: simple('string', [3, 3], (values, types) => {
    const match = new RegExp(text(values, types)).exec(text(values, types, 2));
    return match?.[Number(values[1] ?? 0)] ?? '';
  }),
  split: simple('dynamic', [2, 2], (values, types) =>
    text(values, types).split(text(values, types, 1)),
  ),
  indexof: simple('long', [2, 2], (values, types) =>
    text(values, types).indexOf(text(values, types, 1)),
  ),
  array_length: simple('long', [1, 1], ([value]) => (Array.isArray(value) ? value.length : null)),
  coalesce: simple(
    together,
    [2, MANY],
    (values) => values.find((value) => !isEmpty(value)) ?? null,
  ),
  iff,
  iif: iff,
  case: caseOf,
  bin,
  floor: bin,
  ceiling: rounding(Math.ceil, 'long'),
  abs: rounding(Math.abs),
  sqrt: rounding(Math.sqrt, 'real'),
  round: simple(
    (types, name) => needNumber(types, name),
    [1, 2],
    ([value, digits]) =>
      typeof value === 'number' ? Number(value.toFixed(Number(digits ?? 0))) : null,
  ),
  min_of: choice((numbers) => Math.min(...numbers)),
  max_of: choice((numbers) => Math.max(...numbers)),
  now: simple('datetime', [0, 1], ([offset], _, now) => now + Number(offset ?? 0)),
  ago: simple(
    ([type], name) => {
      if (type === 'timespan') return 'datetime';
      throw new KqlSemanticError(`${name}(): argument #1 is expected to be a timespan`, 'SEM0219');
    },
    [1, 1],
    ([span], _, now) => (typeof span === 'number' ? now - span : null),
  ),
  unixtime_milliseconds_todatetime: simple('datetime', [1, 1], ([value]) =>
    typeof value === 'number' ? value : null,
  ),
  bag_pack: simple('dynamic', [2, MANY], (values, types) =>
    Object.fromEntries(
      values.flatMap((_, index) =>
        index % 2 === 0 ? [[text(values, types, index), values[index + 1] ?? null] as const] : [],
      ),
    ),
  ),
};

export function scalarOf(name: string): Scalar | undefined {
  return Object.hasOwn(SCALARS, name) ? SCALARS[name] : undefined;
}
