/** Reads what AWS sends: foreign data, field by field. */
import type { JsonValue } from 'polyfaas/function';

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as an object; an empty one for anything else. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** The objects of a list; none for anything else. */
export function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What came as JSON is JSON. */
export function jsonOf(value: unknown): JsonValue {
  return isJson(value) ? value : null;
}

// The runtime parsed the whole event from JSON, so that nothing in it is anything else.
function isJson(value: unknown): value is JsonValue {
  return value !== undefined;
}

/**
 * The JSON that a text holds, or the text itself where it holds none. A bare number that would come out as another
 * one, such as an id of 20 digits, stays a text.
 */
export function decodeText(text: string): JsonValue {
  // Most texts that are no JSON are told from JSON by how they begin, without the cost of an error.
  if (!/^\s*[[{"\-\dtfn]/.test(text)) return text;
  try {
    const value: JsonValue = JSON.parse(text);
    return typeof value === 'number' && String(value) !== text.trim() ? text : value;
  } catch {
    return text;
  }
}

/** RFC 3339 in UTC. What is no time becomes the present one. */
export function timeOf(value: unknown): string {
  const date = typeof value === 'string' || typeof value === 'number' ? new Date(value) : undefined;
  return date === undefined || Number.isNaN(date.getTime())
    ? new Date().toISOString()
    : date.toISOString();
}

/** The plain name in the ARN of a queue, a topic, a stream (`stream/NAME`), a table or one of its streams. */
export function nameOfArn(arn: string): string {
  const resource = /^arn:[^:]*:[^:]*:[^:]*:[^:]*:(.+)$/.exec(arn)?.[1] ?? arn;
  return /^(?:(?:stream|table)\/)?([^/:]+)/.exec(resource)?.[1] ?? resource;
}
