/** Filter policies of subscriptions: what they may look like, and which messages they let through. */
import { isObject } from '../core/operation.ts';
import { AwsFault } from '../core/service.ts';
import { compilePattern, type EventMatcher } from '../events/pattern.ts';
import { invalidParameter } from './faults.ts';
import type { MessageAttributes } from './message.ts';

export type FilterScope = 'MessageAttributes' | 'MessageBody';

const MAX_KEYS = 5;
const MAX_COMBINATIONS = 150;

/**
 * Reads a filter policy; `undefined` when it is empty, which means none.
 *
 * @param prefix What stands before the reason: another one when subscribing than when setting an attribute.
 */
export function compileFilter(
  policy: string,
  scope: FilterScope,
  prefix: string,
): EventMatcher | undefined {
  if (policy === '') return undefined;
  const refuse = (reason: string): AwsFault => invalidParameter(`${prefix}${reason}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(policy);
  } catch {
    throw refuse('FilterPolicy: failed to parse JSON.');
  }
  if (!isObject(parsed)) throw refuse('FilterPolicy: Filter is not an object');
  if (Object.keys(parsed).length === 0) return undefined;
  if (Object.keys(parsed).length > MAX_KEYS) {
    throw refuse(`FilterPolicy: Filter policy can not have more than ${MAX_KEYS} keys`);
  }
  const isNested = Object.entries(parsed).some(([key, value]) => key !== '$or' && isObject(value));
  if (scope === 'MessageAttributes' && isNested) {
    throw refuse('Filter policy scope MessageAttributes does not support nested filter policy');
  }
  if (combinations(parsed) > MAX_COMBINATIONS) {
    throw refuse('FilterPolicy: Filter policy is too complex');
  }
  try {
    return compilePattern(policy);
  } catch (error) {
    if (error instanceof AwsFault) throw refuse(`FilterPolicy: ${error.message}`);
    throw error;
  }
}

/** The number of values of all keys multiplied, each times its depth. */
function combinations(policy: Readonly<Record<string, unknown>>, depth = 1): number {
  let product = 1;
  for (const value of Object.values(policy)) {
    if (Array.isArray(value)) product *= Math.max(1, value.length) * depth;
    else if (isObject(value)) product *= combinations(value, depth + 1);
  }
  return product;
}

/** What a filter policy sees of the attributes. */
export function attributesAsEvent(
  attributes: MessageAttributes,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { Type, Value }]) => [name, valueOf(Type, Value)]),
  );
}

function valueOf(type: string, value: string): unknown {
  if (type.startsWith('Number')) return Number(value);
  if (type !== 'String.Array') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** What a filter policy sees of the body: only JSON objects can fit. */
export function bodyAsEvent(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
