import { parseExpression, parseNamed } from './parse-expression.ts';
import { Reader } from './reader.ts';
import type { Expression, Operator, Ordering, Query, Source, Tabular } from './syntax.ts';
import type { Column, ScalarType } from './values.ts';

const COLUMN_TYPES: Readonly<Record<string, ScalarType>> = {
  string: 'string',
  long: 'long',
  int: 'int',
  real: 'real',
  double: 'real',
  bool: 'bool',
  datetime: 'datetime',
  timespan: 'timespan',
  dynamic: 'dynamic',
};

/** Reads a query. Throws a `KqlSyntaxError`. */
export function parseQuery(text: string, isTable: (name: string) => boolean): Query {
  const reader = new Reader(text);
  const lets: { readonly name: string; readonly value: Expression | Tabular }[] = [];
  const isKnown = (name: string): boolean =>
    isTable(name) || lets.some((each) => each.name === name && 'source' in each.value);
  while (reader.take('let')) {
    const name = reader.name();
    reader.expect('=');
    lets.push({
      name,
      value: beginsTable(reader, isKnown) ? parseTabular(reader) : parseExpression(reader),
    });
    reader.expect(';');
  }
  const main = parseTabular(reader);
  reader.take(';');
  if (reader.peek().kind !== 'end') throw reader.error();
  return { lets, main };
}

function beginsTable(reader: Reader, isKnown: (name: string) => boolean): boolean {
  const { kind, text } = reader.peek();
  if (kind === 'word') return isKnown(text) || ['union', 'datatable', 'print'].includes(text);
  return text === '(' && isKnown(reader.peek(1).text);
}

function parseTabular(reader: Reader): Tabular {
  const source = parseSource(reader);
  const operators: Operator[] = [];
  while (reader.take('|')) operators.push(parseOperator(reader));
  return { source, operators };
}

function parseSource(reader: Reader): Source {
  if (reader.take('union')) return { kind: 'union', tables: parseUnion(reader) };
  if (reader.take('print'))
    return { kind: 'print', columns: reader.list(() => parseNamed(reader)) };
  if (reader.take('datatable')) return parseDatatable(reader);
  if (reader.take('(')) {
    const query = parseTabular(reader);
    reader.expect(')');
    return { kind: 'inner', query };
  }
  if (reader.peek().kind !== 'word') throw reader.error();
  return { kind: 'table', name: reader.name() };
}

/** `union kind=outer isfuzzy=true A, (B | where x)`. */
function parseUnion(reader: Reader): readonly Tabular[] {
  while (['kind', 'isfuzzy'].includes(reader.peek().text) && reader.is('=', 1)) {
    reader.next();
    reader.next();
    if (!['outer', 'true', 'false'].includes(reader.next().text)) throw reader.error();
  }
  return reader.list((): Tabular => {
    if (reader.take('(')) {
      const inner = parseTabular(reader);
      reader.expect(')');
      return inner;
    }
    return { source: { kind: 'table', name: reader.name() }, operators: [] };
  });
}

function parseDatatable(reader: Reader): Source {
  reader.expect('(');
  const columns = reader.list((): Column => {
    const name = reader.name();
    reader.expect(':');
    const token = reader.peek();
    const type = COLUMN_TYPES[reader.next().text];
    if (!type) throw reader.error(token);
    return { name, type };
  });
  reader.expect(')');
  reader.expect('[');
  const values = reader.is(']') ? [] : reader.list(() => parseExpression(reader));
  reader.expect(']');
  return { kind: 'datatable', columns, values };
}

function parseOperator(reader: Reader): Operator {
  const token = reader.next();
  const read = token.kind === 'word' ? OPERATORS.get(token.text) : undefined;
  if (!read) throw reader.error(token);
  return read(reader);
}

const OPERATORS: ReadonlyMap<string, (reader: Reader) => Operator> = new Map([
  ['where', parseWhere],
  ['filter', parseWhere],
  [
    'extend',
    (reader): Operator => ({ kind: 'extend', columns: reader.list(() => parseNamed(reader)) }),
  ],
  ['project', parseProject],
  ['summarize', parseSummarize],
  ['order', parseOrder],
  ['sort', parseOrder],
  ['take', parseTake],
  ['limit', parseTake],
  ['top', parseTop],
  [
    'distinct',
    (reader): Operator => ({
      kind: 'distinct',
      columns: reader.list(() => parseExpression(reader)),
    }),
  ],
  ['count', (): Operator => ({ kind: 'count' })],
  ['union', (reader): Operator => ({ kind: 'union', tables: parseUnion(reader) })],
]);

function parseWhere(reader: Reader): Operator {
  return { kind: 'where', condition: parseExpression(reader) };
}

function parseProject(reader: Reader): Operator {
  if (reader.take('-', 'away'))
    return { kind: 'project-away', names: reader.list(() => reader.name()) };
  if (reader.take('-', 'rename'))
    return { kind: 'project-rename', columns: reader.list(() => parseNamed(reader)) };
  return { kind: 'project', columns: reader.list(() => parseNamed(reader)) };
}

function parseSummarize(reader: Reader): Operator {
  const aggregates = reader.is('by') ? [] : reader.list(() => parseNamed(reader));
  const by = reader.take('by') ? reader.list(() => parseNamed(reader)) : [];
  if (aggregates.length + by.length === 0) throw reader.error();
  return { kind: 'summarize', aggregates, by };
}

function parseOrder(reader: Reader): Operator {
  reader.expect('by');
  return { kind: 'order', by: reader.list(() => parseOrdering(reader)) };
}

function parseTake(reader: Reader): Operator {
  return { kind: 'take', count: parseExpression(reader) };
}

function parseTop(reader: Reader): Operator {
  const count = parseExpression(reader);
  reader.expect('by');
  return { kind: 'top', count, by: [parseOrdering(reader)] };
}

/** Descending unless it says otherwise. Null is the least there is. */
function parseOrdering(reader: Reader): Ordering {
  const expression = parseExpression(reader);
  const isDescending = reader.take('desc') || !reader.take('asc');
  let nullsFirst = !isDescending;
  if (reader.take('nulls', 'first')) nullsFirst = true;
  else if (reader.take('nulls', 'last')) nullsFirst = false;
  return { expression, isDescending, nullsFirst };
}
