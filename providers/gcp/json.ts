/** Reads what Google's APIs answer: foreign data, field by field. */
export { fieldsOf, isFields, listOf, textOf, textsOf } from 'polyfaas/function';

/** A number, or a text that is one: 64-bit integers are texts in JSON. Null for anything else. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isNaN(number) ? null : number;
}
