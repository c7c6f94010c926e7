/** What operators do with values of which types. */
import type { Compiled } from './compile.ts';
import { parseDateLike } from './dynamic-values.ts';
import { toText } from './conversions.ts';
import { commonType, isNumeric, KqlSemanticError, type ScalarType, type Value } from './values.ts';

const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=']);

export function compileBinary(operator: string, left: Compiled, right: Compiled): Compiled {
  if (operator === 'and' || operator === 'or') return logic(operator, left, right);
  if (COMPARISONS.has(operator)) return comparison(operator, left, right);
  const test = textOperator(operator);
  return test ? textTest(operator, test, left, right) : arithmetic(operator, left, right);
}

export function compileIn(
  inner: Compiled,
  of: readonly Compiled[],
  { isNegative, ignoresCase }: { readonly isNegative: boolean; readonly ignoresCase: boolean },
): Compiled {
  const tests = of.map((each) => compileBinary(ignoresCase ? '=~' : '==', inner, each));
  return {
    type: 'bool',
    at: (row, group) => tests.some((test) => test.at(row, group) === true) !== isNegative,
  };
}

function logic(operator: string, left: Compiled, right: Compiled): Compiled {
  for (const { type } of [left, right]) {
    if (type !== 'bool')
      throw new KqlSemanticError(
        `Operator '${operator}' is defined for boolean values, not for type ${type}`,
        'SEM0026',
      );
  }
  return {
    type: 'bool',
    at(row, group) {
      const isTrue = left.at(row, group) === true;
      if (operator === 'and') return isTrue && right.at(row, group) === true;
      return isTrue || right.at(row, group) === true;
    },
  };
}

function comparison(operator: string, left: Compiled, right: Compiled): Compiled {
  const isDynamic = left.type === 'dynamic' || right.type === 'dynamic';
  const fits = isDynamic ? left.type !== right.type : commonType(left.type, right.type);
  if (fits === undefined || fits === false)
    throw new KqlSemanticError(
      `Cannot compare values of types ${left.type} and ${right.type}. Try adding explicit casts`,
      'SEM0001',
    );
  return {
    type: 'bool',
    at(row, group) {
      const [one, other] = [left.at(row, group), right.at(row, group)];
      const first = left.type === 'dynamic' ? parseDateLike(one, right.type) : one;
      const second = right.type === 'dynamic' ? parseDateLike(other, left.type) : other;
      return compareBy(operator, first, second);
    },
  };
}

/** Null is equal to nothing, not even to null, and different from all that is something. */
function compareBy(operator: string, one: Value, other: Value): boolean {
  if (one === null || other === null) return operator === '!=' && one !== other;
  const order = orderOf(one, other);
  if (order === undefined) return operator === '!=';
  if (operator === '==') return order === 0;
  if (operator === '!=') return order !== 0;
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

/** Undefined for what cannot be put in order: values of different types, NaN. */
export function orderOf(one: Value, other: Value): number | undefined {
  if (typeof one === 'number' && typeof other === 'number') {
    const order = one - other;
    if (one === other) return 0;
    return Number.isNaN(order) ? undefined : order;
  }
  if (typeof one === 'boolean' && typeof other === 'boolean') return Number(one) - Number(other);
  if (typeof one !== 'string' || typeof other !== 'string') return undefined;
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

type TextTest = (text: string, pattern: string) => boolean;

const TEXT_TESTS: Readonly<Record<string, TextTest>> = {
  contains: (text, pattern) => text.includes(pattern),
  startswith: (text, pattern) => text.startsWith(pattern),
  endswith: (text, pattern) => text.endsWith(pattern),
  has: hasTerm,
};

function textOperator(operator: string): TextTest | undefined {
  if (operator === '=~') return (text, pattern) => lower(text) === lower(pattern);
  if (operator === '!~') return (text, pattern) => lower(text) !== lower(pattern);
  if (operator === 'matches regex') return (text, pattern) => new RegExp(pattern).test(text);
  const isNegative = operator.startsWith('!');
  const name = operator.replace(/^!/, '').replace(/_cs$/, '');
  const test = Object.hasOwn(TEXT_TESTS, name) ? TEXT_TESTS[name] : undefined;
  if (!test) return undefined;
  if (operator.endsWith('_cs')) return (text, pattern) => test(text, pattern) !== isNegative;
  return (text, pattern) => test(lower(text), lower(pattern)) !== isNegative;
}

function lower(text: string): string {
  return text.toLowerCase();
}

/** Whole terms: between what is neither letter nor digit. */
function hasTerm(text: string, term: string): boolean {
  for (let at = text.indexOf(term); at !== -1; at = text.indexOf(term, at + 1)) {
    const around = `${text[at - 1] ?? ' '}${text[at + term.length] ?? ' '}`;
    if (!/[\p{L}\p{N}]/u.test(around)) return true;
  }
  return term === '';
}

function textTest(operator: string, test: TextTest, left: Compiled, right: Compiled): Compiled {
  for (const { type } of [left, right]) {
    if (type !== 'string' && type !== 'dynamic')
      throw new KqlSemanticError(
        `Operator '${operator}' is defined for texts, not for type ${type}`,
        'SEM0025',
      );
  }
  return {
    type: 'bool',
    at: (row, group) =>
      test(toText(left.at(row, group), left.type), toText(right.at(row, group), right.type)),
  };
}

function arithmetic(operator: string, left: Compiled, right: Compiled): Compiled {
  const type = arithmeticType(operator, left.type, right.type);
  if (!type)
    throw new KqlSemanticError(
      `Operator '${operator}' is not defined for types ${left.type} and ${right.type}. Try adding explicit casts`,
      'SEM0025',
    );
  const isWhole = type === 'long' || type === 'int';
  return {
    type,
    at(row, group) {
      const [one, other] = [left.at(row, group), right.at(row, group)];
      if (typeof one !== 'number' || typeof other !== 'number') return null;
      const result = compute(operator, one, other);
      if (!isWhole) return result;
      return Number.isFinite(result) ? Math.trunc(result) : null;
    },
  };
}

function arithmeticType(
  operator: string,
  left: ScalarType,
  right: ScalarType,
): ScalarType | undefined {
  if (isNumeric(left) && isNumeric(right)) return commonType(left, right);
  const types = `${left} ${operator} ${right}`;
  if (types === 'datetime - datetime') return 'timespan';
  if (/^datetime [+-] timespan$/.test(types) || types === 'timespan + datetime') return 'datetime';
  if (/^timespan [+-] timespan$/.test(types)) return 'timespan';
  if (types === 'timespan / timespan') return 'real';
  if (left === 'timespan' && isNumeric(right) && /[*/]/.test(operator)) return 'timespan';
  return isNumeric(left) && right === 'timespan' && operator === '*' ? 'timespan' : undefined;
}

function compute(operator: string, one: number, other: number): number {
  if (operator === '+') return one + other;
  if (operator === '-') return one - other;
  if (operator === '*') return one * other;
  return operator === '/' ? one / other : one % other;
}
