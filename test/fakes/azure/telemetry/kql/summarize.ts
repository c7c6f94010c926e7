import { extremeRow, percentileOf } from './aggregates.ts';
import { compile, type Compiled, constant, type Scope } from './compile.ts';
import { aggregateName, freeName, suggestedName } from './names.ts';
import type { Expression, Named } from './syntax.ts';
import {
  type Column,
  isNumeric,
  KqlSemanticError,
  type Row,
  type Table,
  type Value,
} from './values.ts';

/** A column that comes out, and how. */
interface Output {
  readonly column: Column;
  of(group: readonly Row[]): Value;
}

type Call = Extract<Expression, { readonly kind: 'call' }>;

export function summarize(
  table: Table,
  aggregates: readonly Named[],
  by: readonly Named[],
  scope: Scope,
): Table {
  const columns: Column[] = [];
  const keys = by.map((named) => {
    const key = compile(named.expression, scope);
    const name = freeName(named.names[0] ?? suggestedName(named.expression), columns);
    if (key.type === 'dynamic')
      throw new KqlSemanticError(
        `Summarize group key '${name}' is of a 'dynamic' type. Please use an explicit cast (for example, 'summarize ... by tostring(${name})') as grouping by a 'dynamic' type is not supported.`,
        'SEM0250',
      );
    columns.push({ name, type: key.type });
    return key;
  });
  const outputs: Output[] = [];
  for (const named of aggregates) {
    for (const output of outputsOf(named, scope, columns)) {
      outputs.push(output);
      columns.push(output.column);
    }
  }
  const groups = groupsOf(table.rows, keys);
  return {
    columns,
    rows: groups.map(({ values, rows }) => [...values, ...outputs.map(({ of }) => of(rows))]),
  };
}

interface Group {
  readonly values: Row;
  readonly rows: Row[];
}

/** Without keys there is one group, even of nothing. */
function groupsOf(rows: readonly Row[], keys: readonly Compiled[]): readonly Group[] {
  if (keys.length === 0) return [{ values: [], rows: [...rows] }];
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const values = keys.map((key) => key.at(row, rows));
    const id = JSON.stringify(values);
    const group = groups.get(id) ?? { values, rows: [] };
    groups.set(id, group);
    group.rows.push(row);
  }
  return [...groups.values()];
}

function outputsOf(named: Named, scope: Scope, taken: readonly Column[]): readonly Output[] {
  const { expression } = named;
  if (expression.kind === 'call') {
    if (expression.name === 'percentiles') return percentiles(named, expression, scope, taken);
    if (expression.name === 'arg_max' || expression.name === 'arg_min')
      return extremes(named, expression, scope, taken);
  }
  if (named.names.length > 1)
    throw new KqlSemanticError("'summarize' operator: several names for one value");
  const compiled = compile(expression, { ...scope, isAggregating: true });
  const name = freeName(named.names[0] ?? aggregateName(expression), taken);
  return [{ column: { name, type: compiled.type }, of: (group) => compiled.at([], group) }];
}

function percentiles(
  { names }: Named,
  { inputs }: Call,
  scope: Scope,
  taken: readonly Column[],
): readonly Output[] {
  const [first, ...percents] = inputs;
  const value = first && compile(first, scope);
  if (!first || !value || percents.length === 0)
    throw new KqlSemanticError("Function 'percentiles' expects 2 or more arguments", 'SEM0219');
  if (!isNumeric(value.type) && value.type !== 'timespan')
    throw new KqlSemanticError(
      `percentiles(): argument #1 is of type ${value.type}, which is not supported. Try adding explicit casts`,
      'SEM0219',
    );
  const { type } = value;
  const base = suggestedName(first) ?? '';
  return percents.map((percent, index) => {
    const number = Number(constant(percent, scope));
    const name = freeName(names[index] ?? `percentile_${base}_${number}`, taken);
    return {
      column: { name, type },
      of: (group) =>
        percentileOf(
          group.map((row) => value.at(row, group)),
          number,
        ),
    };
  });
}

/** `arg_max(by, *)` or `arg_max(by, a, b)`: the columns of the row in which something is most. */
function extremes(
  { names }: Named,
  { name: functionName, inputs }: Call,
  scope: Scope,
  taken: readonly Column[],
): readonly Output[] {
  const [first, ...rest] = inputs;
  if (!first || rest.length === 0)
    throw new KqlSemanticError(`Function '${functionName}' expects 2 or more arguments`, 'SEM0219');
  const by = compile(first, scope);
  const wanted = rest.some(({ kind }) => kind === 'star')
    ? scope.columns
        .filter(({ name }) => !taken.some((column) => column.name === name))
        .filter(({ name }) => name !== suggestedName(first))
        .map(({ name }): Expression => ({ kind: 'name', name }))
    : rest;
  const outputs: Output[] = [];
  for (const [index, expression] of [first, ...wanted].entries()) {
    const value = compile(expression, scope);
    const name = freeName(names[index] ?? suggestedName(expression), [
      ...taken,
      ...outputs.map(({ column }) => column),
    ]);
    outputs.push({
      column: { name, type: value.type },
      of(group) {
        const row = extremeRow(by, group, functionName === 'arg_max');
        return row ? value.at(row, group) : null;
      },
    });
  }
  return outputs;
}
