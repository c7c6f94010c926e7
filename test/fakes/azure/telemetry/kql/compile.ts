/** Expressions, with their types found out before anything is computed. */
import { aggregateOf } from './aggregates.ts';
import { compileBinary, compileIn } from './operations.ts';
import { scalarOf } from './scalars.ts';
import type { Expression } from './syntax.ts';
import {
  type Column,
  isNumeric,
  KqlSemanticError,
  type Row,
  type ScalarType,
  type Value,
} from './values.ts';

export interface Compiled {
  readonly type: ScalarType;
  /** @param group all rows of the group, in `summarize` */
  at(row: Row, group: readonly Row[]): Value;
}

export interface Scope {
  /** The operator that it stands in, for messages: `where`. */
  readonly operator: string;
  readonly columns: readonly Column[];
  readonly lets: ReadonlyMap<string, Compiled>;
  readonly now: number;
  /** In `summarize`, where columns may only stand inside of aggregates. */
  readonly isAggregating?: boolean;
}

export function compile(expression: Expression, scope: Scope): Compiled {
  if (expression.kind === 'literal') {
    const { type, value } = expression;
    return { type, at: () => value };
  }
  if (expression.kind === 'name') return compileName(expression.name, scope);
  if (expression.kind === 'member') {
    const { name } = expression;
    return access(compile(expression.of, scope), () => name, name);
  }
  if (expression.kind === 'index') {
    const index = compile(expression.index, scope);
    return access(compile(expression.of, scope), index.at, '[]');
  }
  if (expression.kind === 'call') return compileCall(expression.name, expression.inputs, scope);
  if (expression.kind === 'negative') return negative(compile(expression.inner, scope));
  if (expression.kind === 'star')
    throw new KqlSemanticError(`'${scope.operator}' operator: unexpected '*'`);
  if (expression.kind === 'in') {
    const inner = compile(expression.inner, scope);
    const of = expression.of.map((each) => compile(each, scope));
    return compileIn(inner, of, expression);
  }
  if (expression.kind === 'between') return compileBetween(expression, scope);
  return compileBinary(
    expression.operator,
    compile(expression.left, scope),
    compile(expression.right, scope),
  );
}

/** Refuses what comes to no boolean. */
export function compileCondition(expression: Expression, scope: Scope): Compiled {
  const compiled = compile(expression, scope);
  if (compiled.type === 'bool') return compiled;
  throw new KqlSemanticError(
    `'${scope.operator}' operator: Filter expression must return boolean, but it is of type ${compiled.type}`,
    'SEM0027',
  );
}

/** The value of an expression that is known before there are rows. */
export function constant(expression: Expression, scope: Scope): Value {
  const compiled = compile(expression, { ...scope, columns: [] });
  return compiled.at([], []);
}

function compileName(name: string, scope: Scope): Compiled {
  const index = scope.columns.findIndex((column) => column.name === name);
  const column = scope.columns[index];
  if (column) {
    if (scope.isAggregating === true)
      throw new KqlSemanticError(
        `'summarize' operator: '${name}' must stand in an aggregation function`,
      );
    return { type: column.type, at: (row) => row[index] ?? null };
  }
  const known = scope.lets.get(name);
  if (known) return known;
  throw new KqlSemanticError(
    `'${scope.operator}' operator: Failed to resolve column or scalar expression named '${name}'`,
  );
}

function access(
  of: Compiled,
  keyOf: (row: Row, group: readonly Row[]) => Value,
  shown: string,
): Compiled {
  if (of.type !== 'dynamic')
    throw new KqlSemanticError(
      `The path '${shown}' is asked for of a value of type ${of.type}: only dynamic values have members`,
    );
  return {
    type: 'dynamic',
    at(row, group) {
      const value = of.at(row, group);
      const key = keyOf(row, group);
      return memberOf(value, key);
    },
  };
}

function memberOf(value: Value, key: Value): Value {
  if (Array.isArray(value)) {
    const items: readonly Value[] = value;
    return typeof key === 'number' ? (items.at(key) ?? null) : null;
  }
  if (typeof value !== 'object' || value === null || typeof key !== 'string') return null;
  const entry = Object.entries(value).find(([name]) => name === key);
  return entry?.[1] ?? null;
}

function negative(inner: Compiled): Compiled {
  if (!isNumeric(inner.type) && inner.type !== 'timespan')
    throw new KqlSemanticError(`Operator '-' is not defined for type ${inner.type}`, 'SEM0025');
  return {
    ...inner,
    at(row, group) {
      const value = inner.at(row, group);
      return typeof value === 'number' ? -value : null;
    },
  };
}

function compileCall(name: string, inputs: readonly Expression[], scope: Scope): Compiled {
  const aggregate = aggregateOf(name);
  if (aggregate) {
    if (scope.isAggregating !== true)
      throw new KqlSemanticError(
        `'${scope.operator}' operator: Function '${name}' cannot be invoked in current context.`,
        'SEM0263',
      );
    return aggregate(inputs, { ...scope, isAggregating: false, operator: 'summarize' }, compile);
  }
  const scalar = scalarOf(name);
  if (!scalar)
    throw new KqlSemanticError(
      `'${scope.operator}' operator: Unknown function: '${name}'`,
      'SEM0260',
    );
  return scalar(
    inputs.map((input) => compile(input, scope)),
    { name, now: scope.now },
  );
}

function compileBetween(
  expression: Extract<Expression, { readonly kind: 'between' }>,
  scope: Scope,
): Compiled {
  const [inner, low, high] = [expression.inner, expression.low, expression.high].map((each) =>
    compile(each, scope),
  );
  if (!inner || !low || !high) throw new KqlSemanticError('between needs two ends');
  const isDateAndSpan = inner.type === 'datetime' && high.type === 'timespan';
  const above = compileBinary('>=', inner, low);
  const below = compileBinary('<=', inner, isDateAndSpan ? compileBinary('+', low, high) : high);
  const inside = compileBinary('and', above, below);
  if (!expression.isNegative) return inside;
  return { type: 'bool', at: (row, group) => inside.at(row, group) !== true };
}
