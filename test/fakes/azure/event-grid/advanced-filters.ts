/** What may stand in advanced filters. */
import { isMap, textOf, type JsonMap } from '../core/json.ts';
import { invalidSubscription } from './faults.ts';

export type Operand = string | number | boolean;
export type Range = readonly [low: number, high: number];

export interface AdvancedFilter {
  readonly operatorType: OperatorType;
  readonly key: string;
  /** Of operators that compare with one value. */
  readonly value?: number | boolean;
  readonly values?: readonly (Operand | Range)[];
}

/** What each operator compares with. */
const OPERANDS = {
  StringIn: 'strings',
  StringNotIn: 'strings',
  StringBeginsWith: 'strings',
  StringNotBeginsWith: 'strings',
  StringEndsWith: 'strings',
  StringNotEndsWith: 'strings',
  StringContains: 'strings',
  StringNotContains: 'strings',
  NumberIn: 'numbers',
  NumberNotIn: 'numbers',
  NumberInRange: 'ranges',
  NumberNotInRange: 'ranges',
  NumberLessThan: 'number',
  NumberLessThanOrEquals: 'number',
  NumberGreaterThan: 'number',
  NumberGreaterThanOrEquals: 'number',
  BoolEquals: 'boolean',
  IsNullOrUndefined: 'nothing',
  IsNotNull: 'nothing',
} as const;

export type OperatorType = keyof typeof OPERANDS;

const MOST_FILTERS = 25;
/** Over all filters of a subscription. */
const MOST_VALUES = 25;
const LONGEST_TEXT = 512;
/**
 * The documentation named two levels of nesting once, and names no bound now. Nobody should count on more than this.
 */
const MOST_LEVELS = 5;

export function readAdvancedFilters(sent: readonly unknown[]): readonly AdvancedFilter[] {
  if (sent.length > MOST_FILTERS) {
    throw invalidSubscription(
      `The maximum number of advanced filters allowed on an event subscription is ${MOST_FILTERS}.`,
    );
  }
  const filters = sent.map(readOne);
  const values = filters.reduce((sum, one) => sum + (one.values?.length ?? countOf(one)), 0);
  if (values > MOST_VALUES) {
    throw invalidSubscription(
      `The maximum number of advanced filter values allowed on an event subscription is ${MOST_VALUES}.`,
    );
  }
  return filters;
}

function countOf({ value }: AdvancedFilter): number {
  return value === undefined ? 0 : 1;
}

function readOne(sent: unknown): AdvancedFilter {
  if (!isMap(sent)) throw invalidSubscription('An advanced filter is not an object.');
  const operatorType = textOf(sent['operatorType']);
  if (!isOperator(operatorType)) {
    throw invalidSubscription(`The advanced filter operator '${operatorType}' is not supported.`);
  }
  const key = checkedKey(textOf(sent['key']));
  const operands = OPERANDS[operatorType];
  const wrong = (wanted: string) =>
    invalidSubscription(`The advanced filter '${operatorType}' on '${key}' needs ${wanted}.`);
  if (operands === 'nothing') return { operatorType, key };
  if (operands === 'number' || operands === 'boolean') {
    const { value } = sent;
    if (operands === 'number' && typeof value === 'number') return { operatorType, key, value };
    if (operands === 'boolean' && typeof value === 'boolean') return { operatorType, key, value };
    throw wrong(`a ${operands} as its value`);
  }
  const values = listOf(sent);
  if (values.length === 0) throw wrong('at least one value');
  if (operands === 'ranges') {
    if (values.every(isRange)) return { operatorType, key, values };
    throw wrong('ranges as its values: pairs of a number and a greater one');
  }
  if (operands === 'numbers') {
    if (values.every((value) => typeof value === 'number')) return { operatorType, key, values };
    throw wrong('numbers as its values');
  }
  if (!values.every((value) => typeof value === 'string')) throw wrong('texts as its values');
  if (values.some((value) => value.length === 0 || value.length > LONGEST_TEXT)) {
    throw wrong(`texts of 1 to ${LONGEST_TEXT} characters as its values`);
  }
  return { operatorType, key, values };
}

function isOperator(name: string): name is OperatorType {
  return Object.hasOwn(OPERANDS, name);
}

function checkedKey(key: string): string {
  const levels = key.split('.');
  if (key === '' || levels.includes('')) {
    throw invalidSubscription(`The advanced filter key '${key}' is not valid.`);
  }
  if (levels.length - 1 > MOST_LEVELS) {
    throw invalidSubscription(
      `The advanced filter key '${key}' has more than ${MOST_LEVELS} levels of nesting.`,
    );
  }
  return key;
}

function listOf({ values }: JsonMap): readonly unknown[] {
  return Array.isArray(values) ? values : [];
}

function isRange(value: unknown): value is Range {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [low, high]: readonly unknown[] = value;
  return typeof low === 'number' && typeof high === 'number' && low <= high;
}
