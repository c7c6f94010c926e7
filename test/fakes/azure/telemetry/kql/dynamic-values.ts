import { parseDate, type ScalarType, type Value } from './values.ts';

/** A value out of JSON beside one of a certain type: JSON has dates as texts. */
export function parseDateLike(value: Value, beside: ScalarType): Value {
  return beside === 'datetime' && typeof value === 'string' ? (parseDate(value) ?? null) : value;
}
