/** Event patterns, as EventBridge reads them and as it refuses them. */
import { invalidPattern } from './invalid-pattern.ts';
import { isList, isObject } from './json.ts';
import { leafTest, type LeafTest } from './pattern-leaf.ts';

/** Whether an event fits. */
export type EventMatcher = (event: unknown) => boolean;

/**
 * Reads a pattern.
 *
 * @throws AwsFault InvalidEventPatternException, with the reason that EventBridge gives.
 */
export function compilePattern(text: string): EventMatcher {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'not JSON';
    throw invalidPattern(`${reason}\n at [Source: (String)"${text}"; line: 1, column: 1]`);
  }
  if (!isObject(pattern)) throw invalidPattern('Filter is not an object');
  return compileObject(pattern);
}

function compileObject(pattern: Readonly<Record<string, unknown>>): EventMatcher {
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw invalidPattern('Empty objects are not allowed');
  const tests = entries.map(([key, child]) => compileMember(key, child));
  return (value) => tests.every((test) => test(value));
}

function compileMember(key: string, child: unknown): EventMatcher {
  if (key === '$or' && isList(child) && child.length > 1 && child.every(isObject)) {
    const choices = child.map(compileObject);
    return (value) => choices.some((choice) => choice(value));
  }
  if (isObject(child)) {
    const inner = compileObject(child);
    return (value) => anyOf(memberOf(value, key), inner);
  }
  if (!isList(child)) throw invalidPattern(`"${key}" must be an object or an array`);
  if (child.length === 0) throw invalidPattern('Empty arrays are not allowed');
  const tests = child.map((item) => leafTest(item));
  return (value) => leafFits(leavesOf(memberOf(value, key)), tests);
}

function memberOf(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined;
}

/** One object of an array must fit alone: its fields are not mixed with another's. */
function anyOf(value: unknown, matcher: EventMatcher): boolean {
  if (!isList(value)) return matcher(value);
  return value.length === 0 ? matcher(undefined) : value.some((item) => anyOf(item, matcher));
}

/** Only leaves count: an object in their place is as good as nothing. */
function leavesOf(value: unknown): readonly unknown[] {
  if (value === undefined || isObject(value)) return [];
  return isList(value) ? value.flatMap(leavesOf) : [value];
}

function leafFits(leaves: readonly unknown[], tests: readonly LeafTest[]): boolean {
  return tests.some((test) =>
    leaves.length === 0 ? test.absent : leaves.some((leaf) => test.fits(leaf)),
  );
}
