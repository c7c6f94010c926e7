/**
 * The building blocks of the schema. Each carries, as its error, what is expected instead:
 * `validate.ts` makes the sentence around it. A `custom` issue is a whole sentence already.
 */
import { z } from 'zod';
import type { JsonValue } from '../function/json.types.ts';
import { grouped } from './grouped.ts';
import { REFUSED, isPlainObject } from './plain-data.ts';
import { unknownField } from './unknown-field.ts';

/** Optional: may be left out, or be `undefined`, which is dropped before. */
export const maybe = z.optional;

/** One of a few words. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, { error: `one of ${words.map((word) => `"${word}"`).join(', ')}` });
}

export function wholeNumber(from: number, to: number) {
  const error = `a whole number from ${grouped(from)} to ${grouped(to)}`;
  return z.int({ error }).min(from, { error }).max(to, { error });
}

export function numberBetween(from: number, to: number) {
  const error = `a number from ${grouped(from)} to ${grouped(to)}`;
  return z.number({ error }).min(from, { error }).max(to, { error });
}

/** More than nothing, on one line. */
export function text(longest = 2_048) {
  const error = `a text of 1 to ${grouped(longest)} characters on one line`;
  return z
    .string({ error })
    .min(1, { error })
    .max(longest, { error })
    .regex(/^[^\p{Cc}]*$/u, { error })
    .regex(/\S/, { error });
}

/** The name of a queue, topic, bucket, stream, table or bus: plain, or the platform's own id. */
export function sourceName() {
  const error = "a name, or the platform's own id, of 1 to 2,048 characters without spaces";
  return z
    .string({ error })
    .max(2_048, { error })
    .regex(/^[^\s\p{Cc}]+$/u, { error });
}

/** A text that a rule of `names.ts` and its like judges. */
export function ruled(expected: string, rule: (value: string) => string | undefined) {
  return obeying(z.string({ error: expected }), rule);
}

/** The same texts but for those that a rule refuses. */
export function obeying(texts: z.ZodString, rule: (value: string) => string | undefined) {
  return texts.check((context) => {
    const message = rule(context.value);
    if (message === undefined) return;
    context.issues.push({ code: 'custom', message, input: context.value });
  });
}

export function yesOrNo() {
  return z.boolean({ error: 'true or false' });
}

/** A list that is never changed again. */
export function list<Item extends z.ZodType>(item: Item, expected: string) {
  return z.array(item, { error: expected }).readonly();
}

/**
 * An object without other fields. Its error for unknown fields holds one line for each of them, and its title in the
 * schema for editors is `what`.
 */
export function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape, what: string) {
  const known = Object.keys(shape);
  return z
    .strictObject(shape, {
      error: (issue) => {
        if (issue.code !== 'unrecognized_keys') return `${what} (an object)`;
        return issue.keys.map((key) => unknownField(key, known, what)).join('\n');
      },
    })
    .meta({ title: what });
}

/** Any JSON value. */
export function json() {
  return z.custom<JsonValue>(isJson, {
    error: 'must be a JSON value. Use text, finite numbers, true, false, null, lists and objects.',
  });
}

function isJson(value: unknown): value is JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  if (isPlainObject(value)) return Object.values(value).every(isJson);
  return value === REFUSED;
}
