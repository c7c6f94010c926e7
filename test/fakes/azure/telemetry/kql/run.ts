/** Runs queries: a table, and what the operators make of it. */
import { compile, compileCondition, type Compiled, constant, type Scope } from './compile.ts';
import { freeName, suggestedName } from './names.ts';
import { orderOf } from './operations.ts';
import { parseQuery } from './parse.ts';
import { summarize } from './summarize.ts';
import {
  isTabular,
  type Named,
  type Operator,
  type Ordering,
  type Source,
  type Tabular,
} from './syntax.ts';
import { type Column, KqlSemanticError, type Row, type Table, type Value } from './values.ts';

export interface Database {
  /** The tables that there are. */
  readonly tables: ReadonlyMap<string, Table>;
  readonly now: number;
}

interface Context {
  readonly tables: ReadonlyMap<string, Table>;
  readonly lets: ReadonlyMap<string, Compiled>;
  readonly now: number;
}

/** Throws a `KqlSyntaxError` or a `KqlSemanticError`. */
export function runQuery(text: string, { tables, now }: Database): Table {
  const query = parseQuery(text, (name) => tables.has(name));
  const known = new Map(tables);
  const lets = new Map<string, Compiled>();
  const context: Context = { tables: known, lets, now };
  for (const { name, value } of query.lets) {
    if (isTabular(value)) known.set(name, tableOf(value, context));
    else lets.set(name, compile(value, scopeOf('let', [], context)));
  }
  return tableOf(query.main, context);
}

function scopeOf(operator: string, columns: readonly Column[], { lets, now }: Context): Scope {
  return { operator, columns, lets, now };
}

function tableOf({ source, operators }: Tabular, context: Context): Table {
  return operators.reduce(
    (table, operator) => apply(table, operator, context),
    sourceOf(source, context),
  );
}

function sourceOf(source: Source, context: Context): Table {
  if (source.kind === 'inner') return tableOf(source.query, context);
  if (source.kind === 'union') return union(source.tables.map((each) => tableOf(each, context)));
  if (source.kind === 'print')
    return project({ columns: [], rows: [[]] }, source.columns, scopeOf('print', [], context));
  if (source.kind === 'table') {
    const table = context.tables.get(source.name);
    if (table) return table;
    throw new KqlSemanticError(
      `'' operator: Failed to resolve table or column or scalar or graph expression named '${source.name}'`,
    );
  }
  const { columns } = source;
  const values = source.values.map((value) => constant(value, scopeOf('datatable', [], context)));
  const count = Math.ceil(values.length / columns.length);
  const rows = Array.from({ length: count }, (_, index) =>
    values.slice(index * columns.length, (index + 1) * columns.length),
  );
  return { columns, rows };
}

function apply(table: Table, operator: Operator, context: Context): Table {
  const scope = scopeOf(operator.kind, table.columns, context);
  if (operator.kind === 'where') {
    const test = compileCondition(operator.condition, scope);
    return { ...table, rows: table.rows.filter((row) => test.at(row, table.rows) === true) };
  }
  if (operator.kind === 'extend') return extend(table, operator.columns, scope);
  if (operator.kind === 'project') return project(table, operator.columns, scope);
  if (operator.kind === 'project-away') return away(table, operator.names, scope);
  if (operator.kind === 'project-rename') return rename(table, operator.columns, scope);
  if (operator.kind === 'summarize')
    return summarize(table, operator.aggregates, operator.by, scope);
  if (operator.kind === 'order') return order(table, operator.by, scope);
  if (operator.kind === 'take') return take(table, countOf(operator.count, scope));
  if (operator.kind === 'top')
    return take(order(table, operator.by, scope), countOf(operator.count, scope));
  if (operator.kind === 'count')
    return { columns: [{ name: 'Count', type: 'long' }], rows: [[table.rows.length]] };
  if (operator.kind === 'union')
    return union([table, ...operator.tables.map((each) => tableOf(each, context))]);
  const keys = operator.columns.flatMap((expression): Named[] =>
    expression.kind === 'star'
      ? table.columns.map(({ name }) => ({ names: [], expression: { kind: 'name', name } }))
      : [{ names: [], expression }],
  );
  return summarize(table, [], keys, scope);
}

function countOf(expression: Parameters<typeof constant>[0], scope: Scope): number {
  const count = constant(expression, scope);
  if (typeof count === 'number' && Number.isInteger(count) && count >= 0) return count;
  throw new KqlSemanticError(`'${scope.operator}' operator: a whole number is expected`, 'SEM0049');
}

function take(table: Table, count: number): Table {
  return { ...table, rows: table.rows.slice(0, count) };
}

/** Each sees the columns before it; a name that is there already gets the new value. */
function extend(table: Table, named: readonly Named[], scope: Scope): Table {
  return named.reduce((known, { names, expression }) => {
    const value = compile(expression, { ...scope, columns: known.columns });
    const wanted = names[0];
    const at = known.columns.findIndex(({ name }) => name === wanted);
    const name = wanted ?? freeName(suggestedName(expression), known.columns);
    const column: Column = { name, type: value.type };
    const set = <T>(all: readonly T[], item: T): readonly T[] =>
      at === -1 ? [...all, item] : all.with(at, item);
    return {
      columns: set(known.columns, column),
      rows: known.rows.map((row) => set(row, value.at(row, known.rows))),
    };
  }, table);
}

function project(table: Table, named: readonly Named[], scope: Scope): Table {
  const columns: Column[] = [];
  const values: Compiled[] = [];
  for (const { names, expression } of named) {
    const value = compile(expression, scope);
    const [wanted] = names;
    if (wanted !== undefined && columns.some(({ name }) => name === wanted))
      throw new KqlSemanticError(
        `'${scope.operator}' operator: a column named '${wanted}' is there already`,
      );
    const name = freeName(wanted ?? suggestedName(expression), columns);
    columns.push({ name, type: value.type });
    values.push(value);
  }
  return {
    columns,
    rows: table.rows.map((row) => values.map((value) => value.at(row, table.rows))),
  };
}

function indexOf(name: string, { operator, columns }: Scope): number {
  const index = columns.findIndex((column) => column.name === name);
  if (index !== -1) return index;
  throw new KqlSemanticError(
    `'${operator}' operator: Failed to resolve column or scalar expression named '${name}'`,
  );
}

function away(table: Table, names: readonly string[], scope: Scope): Table {
  const gone = new Set(names.map((name) => indexOf(name, scope)));
  const kept = <T>(all: readonly T[]): readonly T[] => all.filter((_, index) => !gone.has(index));
  return { columns: kept(table.columns), rows: table.rows.map((row) => kept(row)) };
}

function rename(table: Table, named: readonly Named[], scope: Scope): Table {
  const columns = named.reduce((known, { names: [name], expression }) => {
    if (name === undefined || expression.kind !== 'name')
      throw new KqlSemanticError("'project-rename' operator: expected Name = OldName");
    const index = indexOf(expression.name, scope);
    return known.map((column, at) => (at === index ? { ...column, name } : column));
  }, table.columns);
  return { ...table, columns };
}

function order(table: Table, orderings: readonly Ordering[], scope: Scope): Table {
  const keys = orderings.map((ordering) => {
    const key = compile(ordering.expression, scope);
    if (key.type === 'dynamic')
      throw new KqlSemanticError(
        `'${scope.operator}' operator: key can't be of dynamic type`,
        'SEM0064',
      );
    return { ordering, key };
  });
  const sorted = table.rows
    .map((row) => ({ row, values: keys.map(({ key }) => key.at(row, table.rows)) }))
    .toSorted((one, other) => {
      for (const [index, { ordering }] of keys.entries()) {
        const by = before(one.values[index] ?? null, other.values[index] ?? null, ordering);
        if (by !== 0) return by;
      }
      return 0;
    });
  return { ...table, rows: sorted.map(({ row }) => row) };
}

function before(one: Value, other: Value, { isDescending, nullsFirst }: Ordering): number {
  if (one === null || other === null) {
    if (one === other) return 0;
    return (one === null) === nullsFirst ? -1 : 1;
  }
  const by = orderOf(one, other) ?? 0;
  return isDescending ? -by : by;
}

/** Columns of one name and type become one. */
function union(tables: readonly Table[]): Table {
  const columns: Column[] = [];
  const sameAs = (column: Column): number =>
    columns.findIndex(({ name, type }) => name === column.name && type === column.type);
  const places = tables.map((table) =>
    table.columns.map((column) => {
      const known = sameAs(column);
      if (known !== -1) return known;
      const isTaken = columns.some(({ name }) => name === column.name);
      columns.push(isTaken ? { ...column, name: `${column.name}_${column.type}` } : column);
      return columns.length - 1;
    }),
  );
  const rows = tables.flatMap((table, index) =>
    table.rows.map((row): Row => {
      const whole: Value[] = columns.map(({ type }) => (type === 'string' ? '' : null));
      for (const [at, value] of row.entries()) whole[places[index]?.[at] ?? at] = value;
      return whole;
    }),
  );
  return { columns, rows };
}
