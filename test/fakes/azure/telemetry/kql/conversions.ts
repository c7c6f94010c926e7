/** From one type to another. What cannot be converted is null. */
import { dateText, parseDate, parseSpan, type ScalarType, spanText, type Value } from './values.ts';

export function toText(value: Value, type: ScalarType): string {
  if (value === null) return '';
  if (type === 'datetime' && typeof value === 'number')
    return `${dateText(value).replace(/(\.\d+)?Z$/, (_, fraction: string = '.') => fraction.padEnd(8, '0'))}Z`;
  if (type === 'timespan' && typeof value === 'number') return spanText(value);
  if (typeof value === 'object') return JSON.stringify(value);
  if (type === 'bool') return value === true ? 'True' : 'False';
  return String(value);
}

export function toReal(value: Value, type: ScalarType): number | null {
  if (typeof value === 'number') return type === 'datetime' ? null : value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isNaN(number) ? null : number;
}

export function toWhole(value: Value, type: ScalarType): number | null {
  const real = toReal(value, type);
  return real === null || !Number.isFinite(real) ? null : Math.trunc(real);
}

export function toBool(value: Value): boolean | null {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value !== 'string') return null;
  const text = value.trim().toLowerCase();
  if (text === 'true') return true;
  if (text === 'false') return false;
  return /^-?\d+$/.test(text) ? Number(text) !== 0 : null;
}

export function toDate(value: Value, type: ScalarType): number | null {
  if (type === 'datetime') return typeof value === 'number' ? value : null;
  return typeof value === 'string' ? (parseDate(value) ?? null) : null;
}

export function toSpan(value: Value, type: ScalarType): number | null {
  if (type === 'timespan') return typeof value === 'number' ? value : null;
  return typeof value === 'string' ? (parseSpan(value) ?? null) : null;
}

/** A text that is no JSON becomes a text. */
export function parseJson(value: Value): Value {
  if (typeof value !== 'string') return value;
  if (value === '') return null;
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON is a value.
    return JSON.parse(value) as Value;
  } catch {
    return value;
  }
}
