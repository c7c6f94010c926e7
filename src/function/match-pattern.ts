/** Bus patterns, as in EventBridge. Pure. */
import type { JsonObject, JsonValue } from './json.types.ts';

/** A pattern, as the specification of a bus event has it. */
export interface EventPattern {
  readonly source?: readonly JsonValue[] | undefined;
  readonly type?: readonly JsonValue[] | undefined;
  readonly data?: { readonly [key: string]: JsonValue } | undefined;
}

/** What a pattern looks at. */
export interface MatchedEvent {
  readonly source: string;
  readonly type: string;
  readonly data: JsonValue;
}

/** Something wrong with a pattern. */
export interface PatternIssue {
  /** `pattern.data.total`. */
  readonly path: string;
  readonly message: string;
}

/**
 * True when every field that the pattern names holds one of the values given for it. A field that is a list matches
 * when any of its elements does. An object in the place of a value is as good as nothing, and so is an empty list, also
 * for `exists` ("Comparison operators" of EventBridge: leaf nodes only). An unchecked pattern with an unknown operator
 * matches nothing.
 */
export function matchPattern(pattern: EventPattern, event: MatchedEvent): boolean {
  return (
    (pattern.source === undefined || matchesAny(pattern.source, event.source)) &&
    (pattern.type === undefined || matchesAny(pattern.type, event.type)) &&
    (pattern.data === undefined || matchesFields(pattern.data, event.data))
  );
}

/** Every problem of a pattern; empty when there is none. */
export function checkPattern(pattern: EventPattern): readonly PatternIssue[] {
  const issues: PatternIssue[] = [];
  for (const [field, wanted] of Object.entries(pattern)) {
    if (wanted === undefined) continue;
    const path = `pattern.${field}`;
    if (field === 'data') checkFields(wanted, path, issues);
    else if (field === 'source' || field === 'type') checkValues(wanted, path, issues);
    else issues.push({ path, message: 'is not known; a pattern has source, type and data' });
  }
  return issues;
}

function matchesFields(wanted: JsonObject, actual: JsonValue | undefined): boolean {
  // Fields are not mixed: one object of the list has to fit alone.
  if (isList(actual) && actual.length > 0) {
    return actual.some((element) => matchesFields(wanted, element));
  }
  return Object.entries(wanted).every(([key, inner]) => {
    const value = isObject(actual) && Object.hasOwn(actual, key) ? actual[key] : undefined;
    if (isList(inner)) return matchesAny(inner, value);
    return isObject(inner) && matchesFields(inner, value);
  });
}

function matchesAny(wanted: readonly JsonValue[], actual: JsonValue | undefined): boolean {
  const leaves = leavesOf(actual);
  return wanted.some((matcher) => {
    // Whether something exists is asked of the field, not of the elements of a list.
    if (isObject(matcher) && Object.hasOwn(matcher, 'exists')) {
      return matcher['exists'] === leaves.length > 0;
    }
    return leaves.some((leaf) => matchesOne(matcher, leaf));
  });
}

function leavesOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (value === undefined || isObject(value)) return [];
  return isList(value) ? value.flatMap(leavesOf) : [value];
}

function matchesOne(matcher: JsonValue, actual: JsonValue): boolean {
  if (!isObject(matcher)) return !isList(matcher) && matcher === actual;
  const [entry] = Object.entries(matcher);
  if (entry === undefined || !isOperator(entry[0])) return false;
  return OPERATORS[entry[0]].matches(entry[1], actual);
}

interface Operator {
  matches(operand: JsonValue, actual: JsonValue): boolean;
  /** What is wrong with the operand, or undefined. */
  check(operand: JsonValue): string | undefined;
}

const OPERATORS = {
  prefix: {
    matches: (operand, actual) =>
      typeof operand === 'string' && typeof actual === 'string' && actual.startsWith(operand),
    check: (operand) => (typeof operand === 'string' ? undefined : 'takes a string'),
  },
  suffix: {
    matches: (operand, actual) =>
      typeof operand === 'string' && typeof actual === 'string' && actual.endsWith(operand),
    check: (operand) => (typeof operand === 'string' ? undefined : 'takes a string'),
  },
  exists: {
    matches: (operand) => operand === true,
    check: (operand) => (typeof operand === 'boolean' ? undefined : 'takes true or false'),
  },
  'anything-but': {
    matches: (operand, actual) =>
      !(isList(operand) ? operand : [operand]).some((one) => matchesOne(one, actual)),
    check: checkAnythingBut,
  },
  numeric: {
    matches: matchesNumeric,
    check: checkNumeric,
  },
} satisfies Record<string, Operator>;

const COMPARISONS = {
  '=': (actual, bound) => actual === bound,
  '<': (actual, bound) => actual < bound,
  '<=': (actual, bound) => actual <= bound,
  '>': (actual, bound) => actual > bound,
  '>=': (actual, bound) => actual >= bound,
} satisfies Record<string, (actual: number, bound: number) => boolean>;

function matchesNumeric(operand: JsonValue, actual: JsonValue): boolean {
  if (typeof actual !== 'number' || checkNumeric(operand) !== undefined || !isList(operand))
    return false;
  for (let index = 0; index < operand.length; index += 2) {
    const comparison = operand[index];
    const bound = operand[index + 1];
    if (!isComparison(comparison) || typeof bound !== 'number') return false;
    if (!COMPARISONS[comparison](actual, bound)) return false;
  }
  return true;
}

function checkNumeric(operand: JsonValue): string | undefined {
  const advice = 'takes [comparison, number] once or twice, such as [">", 0, "<=", 5]';
  if (!isList(operand) || (operand.length !== 2 && operand.length !== 4)) return advice;
  const right = operand.every((part, index) =>
    index % 2 === 0 ? isComparison(part) : typeof part === 'number',
  );
  return right ? undefined : advice;
}

function checkAnythingBut(operand: JsonValue): string | undefined {
  const advice = 'takes a value, a list of values, { prefix } or { suffix }';
  if (isList(operand)) return operand.length > 0 && operand.every(isLiteral) ? undefined : advice;
  if (!isObject(operand)) return undefined;
  const [entry, ...more] = Object.entries(operand);
  const affix = entry !== undefined && (entry[0] === 'prefix' || entry[0] === 'suffix');
  return affix && typeof entry[1] === 'string' && more.length === 0 ? undefined : advice;
}

function checkFields(wanted: JsonValue, path: string, issues: PatternIssue[]): void {
  if (!isObject(wanted)) {
    issues.push({ path, message: 'must be an object of fields' });
    return;
  }
  for (const [key, inner] of Object.entries(wanted)) {
    if (isList(inner)) checkValues(inner, `${path}.${key}`, issues);
    else if (isObject(inner)) checkFields(inner, `${path}.${key}`, issues);
    else issues.push({ path: `${path}.${key}`, message: 'must be a list of values, or fields' });
  }
}

function checkValues(wanted: JsonValue, path: string, issues: PatternIssue[]): void {
  if (!isList(wanted) || wanted.length === 0) {
    issues.push({ path, message: 'must be a list of at least one value' });
    return;
  }
  wanted.forEach((matcher, index) => {
    const problem = checkMatcher(matcher);
    if (problem !== undefined) issues.push({ path: `${path}[${index}]`, message: problem });
  });
}

function checkMatcher(matcher: JsonValue): string | undefined {
  if (isList(matcher)) return 'must be a value or an operator, not a list';
  if (!isObject(matcher)) return undefined;
  const [entry, ...more] = Object.entries(matcher);
  const known = Object.keys(OPERATORS).join(', ');
  if (entry === undefined || more.length > 0) return `must have exactly one operator of: ${known}`;
  const [operator, operand] = entry;
  if (!isOperator(operator)) return `has the unknown operator "${operator}"; known are: ${known}`;
  const problem = OPERATORS[operator].check(operand);
  return problem === undefined ? undefined : `"${operator}" ${problem}`;
}

function isOperator(name: string): name is keyof typeof OPERATORS {
  return Object.hasOwn(OPERATORS, name);
}

function isComparison(value: JsonValue | undefined): value is keyof typeof COMPARISONS {
  return typeof value === 'string' && Object.hasOwn(COMPARISONS, value);
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isLiteral(value: JsonValue): boolean {
  return typeof value !== 'object' || value === null;
}
