/**
 * Advanced filters of Event Grid for a pattern. They spare deliveries; the function itself looks at the whole pattern
 * once more. So a filter may let through more than the pattern does, but never less: what cannot be said without that
 * risk is left out ("Understand event filtering for Event Grid subscriptions"):
 * - texts are compared without regard to case, so nothing is excluded by its text (`anything-but`);
 * - `exists: true` lets null through, and `IsNotNull` does not; `exists: false` lets objects through, and
 *   `IsNullOrUndefined` does not;
 * - filters are joined by AND, so alternatives of different kinds for one field have no filter;
 * - keys lead through objects only, and a pattern looks into lists of objects too, so only the first level of the data
 *   has filters. Data that is itself a list has no keys: such events reach only patterns without `data`.
 */
import type { BusPattern, JsonObject, JsonValue } from 'polyfaas/spi';

/** As it is on the wire. */
export interface AdvancedFilter {
  readonly operatorType:
    | 'StringIn'
    | 'StringBeginsWith'
    | 'StringEndsWith'
    | 'NumberIn'
    | 'NumberGreaterThan'
    | 'NumberGreaterThanOrEquals'
    | 'NumberLessThan'
    | 'NumberLessThanOrEquals'
    | 'BoolEquals';
  readonly key: string;
  readonly value?: number | boolean;
  readonly values?: readonly (string | number)[];
}

/** Limits of one event subscription: 25 filters, 25 values in all of them, 512 characters in a text. */
const MOST_FILTERS = 25;
const MOST_VALUES = 25;
const LONGEST_TEXT = 512;

/** The filters, and whether they say all that the pattern says. */
export interface FilterPlan {
  readonly filters: readonly AdvancedFilter[];
  /** False where the function has to look once more, apart from the case of texts. */
  readonly isWhole: boolean;
}

export function advancedFilters(pattern: BusPattern): FilterPlan {
  const fields: readonly (readonly [string, JsonValue])[] = [
    ...(pattern.source === undefined ? [] : [['source', pattern.source] as const]),
    ...(pattern.type === undefined ? [] : [['type', pattern.type] as const]),
    ...Object.entries(pattern.data ?? {}).map(([key, value]) => [`data.${key}`, value] as const),
  ];
  const filters: AdvancedFilter[] = [];
  let values = 0;
  let isWhole = true;
  for (const [key, wanted] of fields) {
    const made = filtersOf(key, wanted);
    const more = made?.reduce((sum, filter) => sum + (filter.values?.length ?? 1), 0) ?? 0;
    if (
      made === undefined ||
      filters.length + made.length > MOST_FILTERS ||
      values + more > MOST_VALUES
    ) {
      isWhole = false;
      continue;
    }
    filters.push(...made);
    values += more;
  }
  return { filters, isWhole };
}

/** Undefined where there is none. */
function filtersOf(key: string, wanted: JsonValue): readonly AdvancedFilter[] | undefined {
  // A dot leads to the next level, and cannot be escaped.
  if (!/^(?:data\.)?[\w-]+$/.test(key) || !isList(wanted)) return undefined;
  return (
    ofTexts(key, 'StringIn', wanted.map(literalText)) ??
    ofTexts(key, 'StringBeginsWith', wanted.map(operandOf('prefix'))) ??
    ofTexts(key, 'StringEndsWith', wanted.map(operandOf('suffix'))) ??
    ofNumbers(key, wanted) ??
    ofSingle(key, wanted)
  );
}

function ofTexts(
  key: string,
  operatorType: AdvancedFilter['operatorType'],
  values: readonly (JsonValue | undefined)[],
): readonly AdvancedFilter[] | undefined {
  const texts = values.filter((value) => typeof value === 'string');
  const fits = texts.every((text) => text.length > 0 && text.length <= LONGEST_TEXT);
  if (texts.length !== values.length || !fits) return undefined;
  return [{ operatorType, key, values: [...new Set(texts)] }];
}

function ofNumbers(
  key: string,
  wanted: readonly JsonValue[],
): readonly AdvancedFilter[] | undefined {
  const numbers = wanted.filter((value) => typeof value === 'number');
  if (numbers.length !== wanted.length) return undefined;
  return [{ operatorType: 'NumberIn', key, values: [...new Set(numbers)] }];
}

const COMPARISONS: Readonly<Record<string, AdvancedFilter['operatorType']>> = {
  '>': 'NumberGreaterThan',
  '>=': 'NumberGreaterThanOrEquals',
  '<': 'NumberLessThan',
  '<=': 'NumberLessThanOrEquals',
};

/** What can be said of one alternative only. */
function ofSingle(
  key: string,
  wanted: readonly JsonValue[],
): readonly AdvancedFilter[] | undefined {
  const [one] = wanted;
  if (wanted.length !== 1 || one === undefined) return undefined;
  if (typeof one === 'boolean') return [{ operatorType: 'BoolEquals', key, value: one }];
  const range = operandOf('numeric')(one);
  return isList(range) ? ofRange(key, range) : undefined;
}

function ofRange(key: string, range: readonly JsonValue[]): readonly AdvancedFilter[] | undefined {
  const filters: AdvancedFilter[] = [];
  for (let index = 0; index < range.length; index += 2) {
    const comparison = range[index];
    const bound = range[index + 1];
    if (typeof comparison !== 'string' || typeof bound !== 'number') return undefined;
    const operatorType = COMPARISONS[comparison];
    if (comparison === '=') filters.push({ operatorType: 'NumberIn', key, values: [bound] });
    else if (operatorType === undefined) return undefined;
    else filters.push({ operatorType, key, value: bound });
  }
  return filters.length === 0 ? undefined : filters;
}

function literalText(value: JsonValue): JsonValue | undefined {
  return typeof value === 'string' ? value : undefined;
}

function operandOf(operator: string): (value: JsonValue) => JsonValue | undefined {
  return (value) => {
    if (!isObject(value) || Object.keys(value).length !== 1) return undefined;
    return value[operator];
  };
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
