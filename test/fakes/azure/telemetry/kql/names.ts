/** What columns are called that a query gives no names to. */
import type { Expression } from './syntax.ts';
import type { Column } from './values.ts';

/** Functions whose result is called like what they are given. */
const TRANSPARENT = new Set([
  'bin',
  'floor',
  'tostring',
  'todouble',
  'toreal',
  'toint',
  'tolong',
  'tobool',
  'todatetime',
  'totimespan',
  'todynamic',
  'parse_json',
]);

/** A name that an expression suggests; undefined for none. */
export function suggestedName(expression: Expression): string | undefined {
  if (expression.kind === 'name') return expression.name;
  if (expression.kind === 'member') {
    const of = suggestedName(expression.of);
    return of === undefined ? undefined : `${of}_${expression.name}`;
  }
  if (expression.kind !== 'call' || !TRANSPARENT.has(expression.name)) return undefined;
  const [first] = expression.inputs;
  return first && suggestedName(first);
}

/** `count_`, `avg_DurationMs`, `list_Name`, `percentile_DurationMs_95`. */
export function aggregateName(expression: Expression): string | undefined {
  if (expression.kind !== 'call') return undefined;
  const { name, inputs } = expression;
  const head = name === 'make_list' ? 'list' : name === 'make_set' ? 'set' : name;
  const [first, second] = inputs;
  const of = first?.kind === 'name' || first?.kind === 'member' ? (suggestedName(first) ?? '') : '';
  const percent =
    name === 'percentile' && second?.kind === 'literal' ? `_${Number(second.value)}` : '';
  return `${head}_${of}${percent}`;
}

/** The name, or the name with a number when it is taken. */
export function freeName(name: string | undefined, taken: readonly Column[]): string {
  const isTaken = (wanted: string): boolean => taken.some((column) => column.name === wanted);
  if (name !== undefined && !isTaken(name)) return name;
  const base = name ?? 'Column';
  for (let number = 1; ; number += 1) if (!isTaken(`${base}${number}`)) return `${base}${number}`;
}
