/** The part of a pattern that looks at the source and the type of an event: attributes of its message. */
import { matchPattern } from 'polyfaas/function';
import type { BusPattern, JsonValue } from 'polyfaas/spi';
import { allThatFit, anyOf, equals, has, hasPrefix, not } from '../filter.ts';

const KEYS = { source: 'ce-source', type: 'ce-type' } as const;

/**
 * @param bus the plain name of the bus: the source of messages that name none. Their type is empty.
 */
export function busFilter(pattern: BusPattern, bus: string): string {
  const fields = ['type', 'source'] as const;
  const conditions = fields.flatMap((field): readonly string[] => {
    const wanted = pattern[field];
    if (wanted === undefined) return [];
    const alternatives = alternativesOf(KEYS[field], wanted);
    if (alternatives === undefined) return [];
    const bare = { source: bus, type: '', data: null };
    const isForBare = matchPattern({ [field]: wanted }, bare);
    const all = [
      ...alternatives,
      ...(isForBare ? [equals(KEYS[field], '')] : []),
      // Events in structured mode have it in their data, which no filter sees.
      not(has(KEYS[field])),
    ];
    return [anyOf([...new Set(all)])];
  });
  return allThatFit(conditions);
}

/** Undefined where one of them has no words in a filter. */
function alternativesOf(key: string, wanted: readonly JsonValue[]): readonly string[] | undefined {
  const conditions: string[] = [];
  for (const one of wanted) {
    const made = conditionOf(key, one);
    if (made === undefined) return undefined;
    if (made !== null) conditions.push(made);
  }
  return conditions;
}

/** Null for what no text matches; undefined for what cannot be said. */
function conditionOf(key: string, wanted: JsonValue): string | null | undefined {
  if (typeof wanted === 'string') return equals(key, wanted);
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) return null;
  const [operator] = Object.entries(wanted);
  if (operator === undefined) return null;
  const [name, operand] = operator;
  if (name === 'prefix') return typeof operand === 'string' ? hasPrefix(key, operand) : null;
  if (name === 'numeric') return null;
  if (name === 'exists') return operand === true ? has(key) : null;
  return undefined;
}
