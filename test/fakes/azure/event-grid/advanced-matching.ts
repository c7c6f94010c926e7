/** What advanced filters let through. */
import type { AdvancedFilter, Operand, OperatorType, Range } from './advanced-filters.ts';

type Hits = (value: unknown, operand: Operand | Range) => boolean;

/** Texts are compared without regard to case. What is of another type than the operand is no hit. */
const texts =
  (compare: (value: string, operand: string) => boolean): Hits =>
  (value, operand) =>
    typeof value === 'string' &&
    typeof operand === 'string' &&
    compare(value.toLowerCase(), operand.toLowerCase());
const numbers =
  (compare: (value: number, operand: number) => boolean): Hits =>
  (value, operand) =>
    typeof value === 'number' && typeof operand === 'number' && compare(value, operand);

const isText = texts((value, operand) => value === operand);
const begins = texts((value, operand) => value.startsWith(operand));
const ends = texts((value, operand) => value.endsWith(operand));
const contains = texts((value, operand) => value.includes(operand));
const isNumber = numbers((value, operand) => value === operand);
const inRange: Hits = (value, operand) =>
  typeof value === 'number' &&
  typeof operand === 'object' &&
  value >= operand[0] &&
  value <= operand[1];

interface Operator {
  readonly hits: Hits;
  /** Lets through what hits none of the operands. */
  readonly isNegative?: boolean;
  /** Lets events through that do not have the key. */
  readonly passesMissing?: boolean;
}

const OPERATORS: Readonly<
  Record<Exclude<OperatorType, 'IsNullOrUndefined' | 'IsNotNull'>, Operator>
> = {
  StringIn: { hits: isText },
  StringNotIn: { hits: isText, isNegative: true, passesMissing: true },
  StringBeginsWith: { hits: begins },
  StringNotBeginsWith: { hits: begins, isNegative: true },
  StringEndsWith: { hits: ends },
  StringNotEndsWith: { hits: ends, isNegative: true },
  StringContains: { hits: contains },
  StringNotContains: { hits: contains, isNegative: true },
  NumberIn: { hits: isNumber },
  NumberNotIn: { hits: isNumber, isNegative: true, passesMissing: true },
  NumberInRange: { hits: inRange },
  // The documentation does not say what becomes of a missing key here; it is as with NumberNotIn.
  NumberNotInRange: { hits: inRange, isNegative: true, passesMissing: true },
  NumberLessThan: { hits: numbers((value, operand) => value < operand) },
  NumberLessThanOrEquals: { hits: numbers((value, operand) => value <= operand) },
  NumberGreaterThan: { hits: numbers((value, operand) => value > operand) },
  NumberGreaterThanOrEquals: { hits: numbers((value, operand) => value >= operand) },
  BoolEquals: { hits: (value, operand) => typeof value === 'boolean' && value === operand },
};

/** @param value what the event has at the filter's key; undefined when it has nothing there. */
export function passesAdvanced(filter: AdvancedFilter, value: unknown, onArrays: boolean): boolean {
  const { operatorType } = filter;
  const isMissing = value === undefined || value === null;
  if (operatorType === 'IsNullOrUndefined') return isMissing;
  if (operatorType === 'IsNotNull') return !isMissing;
  const operator = OPERATORS[operatorType];
  // Without leave to look into lists, a list is nothing that can be compared.
  if (isMissing || (Array.isArray(value) && !onArrays)) return operator.passesMissing === true;
  const found: readonly unknown[] = Array.isArray(value) ? value : [value];
  const operands = filter.values ?? (filter.value === undefined ? [] : [filter.value]);
  const isHit = found.some((one) => operands.some((operand) => operator.hits(one, operand)));
  return isHit !== (operator.isNegative === true);
}
