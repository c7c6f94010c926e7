/** Reads what a platform sends: foreign data, field by field. */
import type { JsonObject, JsonValue } from './json.types.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as an object; an empty one for anything else. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text, or a number as one; empty for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** The texts of an object; other values are left out. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  // Assignment would change the prototype instead for one name.
  return Object.fromEntries(
    Object.entries(fieldsOf(value)).flatMap(([name, text]) =>
      typeof text === 'string' || typeof text === 'number' || typeof text === 'boolean'
        ? [[name, String(text)] as const]
        : [],
    ),
  );
}

/** What was parsed from JSON is JSON; what is absent becomes null. */
export function jsonOf(value: unknown): JsonValue {
  return isJson(value) ? value : null;
}

function isJson(value: unknown): value is JsonValue {
  return value !== undefined;
}

export function jsonObjectOf(value: unknown): JsonObject {
  const json = jsonOf(value);
  return isObject(json) ? json : {};
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON that a text holds, or the text itself where it holds none. */
export function decodeText(text: string): JsonValue {
  if (!/^\s*[[{"\-\dtfn]/.test(text)) return text;
  try {
    const value: JsonValue = JSON.parse(text);
    return typeof value === 'number' && String(value) !== text.trim() ? text : value;
  } catch {
    return text;
  }
}

/** A date and a time of day, and no zone behind it. */
const ZONELESS = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/;

/** RFC 3339 in UTC. What is no time becomes the present one. */
export function timeOf(value: unknown): string {
  const text = typeof value === 'string' ? value.replace(/^"|"$/g, '') : undefined;
  // Services tell their times in UTC, also where they leave the zone out; for JavaScript that is the machine's.
  const given = text === undefined ? value : ZONELESS.test(text) ? `${text}Z` : text;
  const date = typeof given === 'string' || typeof given === 'number' ? new Date(given) : undefined;
  return date === undefined || Number.isNaN(date.getTime())
    ? new Date().toISOString()
    : date.toISOString();
}
