/** JSON that would take too much room, made shorter: what is left out says so where it was. */
import type { JsonArray, JsonObject, JsonValue } from './json.types.ts';

/** Stands for what is not shown. */
export const LEFT_OUT = '[left out]';
const LEFT_OUT_LENGTH = LEFT_OUT.length + 2;

/** A field, with its comma, that stands for all that follow. */
const MORE_LENGTH = `"...":"${LEFT_OUT}",`.length;
/** Less is not worth its brackets. */
const MIN_LENGTH = 64;
const MAX_KEY_LENGTH = 200;
const VERY_LONG = 100_000;

/**
 * As it is where its text has no more characters than this. Else fields get equal shares, and what the short ones do not
 * need goes to the long ones, so that none is lost for the sake of another; lists show their beginning.
 */
export function fitJson(json: JsonValue, room: number): JsonValue {
  if (textLength(json) <= room) return json;
  if (room < MIN_LENGTH) return LEFT_OUT;
  if (typeof json === 'string') return cutText(json, room);
  if (typeof json !== 'object' || json === null) return LEFT_OUT;
  return isList(json) ? fitList(json, room) : fitFields(json, room);
}

/** Of the JSON text. Of a very long string it is not made: that one is too long without its escapes. */
function textLength(json: JsonValue): number {
  if (typeof json === 'string') {
    return json.length > VERY_LONG ? json.length : JSON.stringify(json).length;
  }
  if (typeof json !== 'object' || json === null) return String(json).length;
  let length = 2;
  if (isList(json)) for (const item of json) length += textLength(item) + 1;
  else for (const [key, value] of Object.entries(json)) length += costOf(key) + textLength(value);
  return length;
}

/** What a field takes beside its value: quotes, colon and comma. */
function costOf(key: string): number {
  return JSON.stringify(key).length + 2;
}

function cutText(text: string, room: number): string {
  const mark = (kept: number): string => `... (${text.length - kept} characters left out)`;
  const keepable = room - JSON.stringify(mark(0)).length;
  let kept = text.slice(0, keepable);
  // Escapes take more than the characters that they stand for.
  for (;;) {
    const length = JSON.stringify(kept).length - 2;
    if (length <= keepable) break;
    kept = kept.slice(0, Math.floor((kept.length * keepable) / length));
  }
  return `${kept.toWellFormed()}${mark(kept.length)}`;
}

function fitList(list: JsonArray, room: number): JsonValue {
  let left = room - 2 - LEFT_OUT_LENGTH;
  const shown: JsonValue[] = [];
  for (const item of list) {
    if (left <= LEFT_OUT_LENGTH) break;
    const fitted = fitJson(item, left - 1);
    shown.push(fitted);
    left -= textLength(fitted) + 1;
  }
  return shown.length < list.length ? [...shown, LEFT_OUT] : shown;
}

function fitFields(given: JsonObject, room: number): JsonValue {
  const fields = Object.entries(given);
  let left = room - 2 - MORE_LENGTH;
  let needed = 0;
  const shown: { readonly key: string; readonly value: JsonValue; readonly length: number }[] = [];
  for (const [name, value] of fields) {
    const key = name.length > MAX_KEY_LENGTH ? cutText(name, MAX_KEY_LENGTH) : name;
    const length = textLength(value);
    needed += Math.min(length, LEFT_OUT_LENGTH);
    if (left - costOf(key) < needed) break;
    left -= costOf(key);
    shown.push({ key, value, length });
  }
  const share = fairShare(
    shown.map(({ length }) => length),
    left,
  );
  const fitted = shown.map(({ key, value }) => [key, fitJson(value, share)] as const);
  // It makes a field even of `__proto__`.
  return Object.fromEntries(shown.length < fields.length ? [...fitted, ['...', LEFT_OUT]] : fitted);
}

/** The length that no field may exceed, so that all of them together fit. */
function fairShare(lengths: readonly number[], room: number): number {
  let left = room;
  let count = lengths.length;
  for (const length of lengths.toSorted((one, other) => one - other)) {
    if (length * count > left) return Math.floor(left / count);
    left -= length;
    count -= 1;
  }
  return Infinity;
}

function isList(json: JsonArray | JsonObject): json is JsonArray {
  return Array.isArray(json);
}
