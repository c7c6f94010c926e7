/** Runs a query over events. */
import type { LogEvent } from '../store.ts';
import { evaluate, isAggregate, isTrue, compare, textOf } from './evaluate.ts';
import { rowOf, type Row, type Value } from './fields.ts';
import { malformed } from './lexer.ts';
import { parseQuery, type Column, type Command } from './parser.ts';

export interface ResultField {
  readonly field: string;
  readonly value: string;
}

export interface QueryResult {
  readonly results: readonly (readonly ResultField[])[];
  readonly recordsMatched: number;
}

/** An event of a log group. `log` is what `@log` says. */
export interface Source {
  readonly event: LogEvent;
  readonly log: string;
}

interface State {
  readonly rows: readonly Row[];
  readonly shown: readonly string[];
  readonly matched: number;
  readonly isGrouped: boolean;
  readonly limit: number | undefined;
}

const DEFAULT_SHOWN = ['@timestamp', '@message'];

/** Throws MalformedQueryException. `limit` is that of the request; one in the query is stronger. */
export function runQuery(query: string, sources: readonly Source[], limit: number): QueryResult {
  const commands = parseQuery(query);
  // Newest first, unless a query sorts.
  const rows = sources
    .toSorted((one, other) => (one.event.id < other.event.id ? 1 : -1))
    .map(({ event, log }) => rowOf(event, log));
  let state: State = { rows, shown: [], matched: rows.length, isGrouped: false, limit: undefined };
  for (const command of commands) state = apply(state, command);
  const shown = state.shown.length > 0 ? state.shown : DEFAULT_SHOWN;
  const columns = state.isGrouped ? shown : [...shown, '@ptr'];
  return {
    recordsMatched: state.matched,
    results: state.rows.slice(0, state.limit ?? limit).map((row) =>
      columns.flatMap((field) => {
        const value = row.get(field);
        return value === undefined ? [] : [{ field, value: textOf(value) }];
      }),
    ),
  };
}

function apply(state: State, command: Command): State {
  if (command.kind === 'filter') {
    const rows = state.rows.filter((row) => isTrue(evaluate(command.test, row)));
    return { ...state, rows, matched: state.isGrouped ? state.matched : rows.length };
  }
  if (command.kind === 'limit') return { ...state, limit: command.count };
  if (command.kind === 'sort') {
    return { ...state, rows: sortRows(state.rows, command.keys) };
  }
  if (command.kind === 'dedup') return { ...state, rows: distinct(state.rows, command.columns) };
  if (command.kind === 'stats') return stats(state, command);
  const names = command.columns.map(({ name }) => name);
  return {
    ...state,
    rows: state.rows.map((row) => withColumns(row, command.columns)),
    shown: command.kind === 'display' ? names : [...new Set([...state.shown, ...names])],
  };
}

function withColumns(row: Row, columns: readonly Column[]): Row {
  const made = new Map<string, Value>(
    columns.map(({ name, expression }) => [name, evaluate(expression, row)]),
  );
  return { ...row, get: (name) => (made.has(name) ? made.get(name) : row.get(name)) };
}

function stats(state: State, command: Extract<Command, { readonly kind: 'stats' }>): State {
  for (const { expression, name } of command.columns) {
    if (!isAggregate(expression)) throw malformed(`${name} is no aggregation`);
  }
  const groups = new Map<string, Row[]>();
  for (const row of state.rows) {
    const keys = command.by.map(({ expression }) => evaluate(expression, row));
    if (keys.includes(undefined)) continue;
    const key = JSON.stringify(keys.map(textOf));
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  // Without any event there is no row at all, not one of zeros.
  const rows = [...groups.values()].map((group): Row => {
    const [first] = group;
    const values = new Map<string, Value>();
    for (const { name, expression } of first ? command.by : []) {
      values.set(name, first && evaluate(expression, first));
    }
    for (const { name, expression } of first ? command.columns : []) {
      values.set(name, first && evaluate(expression, first, group));
    }
    return { get: (name) => values.get(name) };
  });
  const shown = [...command.by, ...command.columns].map(({ name }) => name);
  return { ...state, rows, shown, isGrouped: true };
}

function sortRows(
  rows: readonly Row[],
  keys: Extract<Command, { readonly kind: 'sort' }>['keys'],
): readonly Row[] {
  return rows.toSorted((one, other) => {
    for (const { key, isDescending } of keys) {
      const order = compare(evaluateKey(key, one), evaluateKey(key, other)) ?? 0;
      if (order !== 0) return isDescending ? -order : order;
    }
    return 0;
  });
}

/** A key may be the name of a column, as it was written. */
function evaluateKey(
  key: Extract<Command, { readonly kind: 'sort' }>['keys'][number]['key'],
  row: Row,
): Value {
  if (key.kind !== 'call' || !isAggregate(key)) return evaluate(key, row);
  const inputs = key.inputs.map((input) => {
    if (input.kind === 'all') return '*';
    return input.kind === 'field' ? input.name : '';
  });
  return row.get(`${key.name}(${inputs.join(', ')})`);
}

function distinct(rows: readonly Row[], columns: readonly Column[]): readonly Row[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const key = JSON.stringify(columns.map(({ expression }) => textOf(evaluate(expression, row))));
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
