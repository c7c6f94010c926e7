/** Answers have a limit, as on the clouds: what is never larger here is found out there by those who wait for it. */
import { jsonByteLength } from 'polyfaas/function';
import type { JsonValue } from 'polyfaas/spi';
import { CAPABILITIES } from '../capabilities.ts';

/** As large as an input may be, which is how Lambda has it. */
export const MOST_ANSWER_BYTES = CAPABILITIES.limits.syncPayloadBytes;

/** A character of a text takes six bytes at most: `\u0000`. */
const MOST_PER_CHARACTER = 6;
/** Any number, with the comma behind it. A text has quotes and a comma, and a list or object its brackets. */
const MOST_PER_VALUE = 26;

/** How many bytes of JSON an answer is that is over the limit; undefined for all others. */
export function bytesOverLimit(
  answer: JsonValue,
  limit: number = MOST_ANSWER_BYTES,
): number | undefined {
  // Most answers are small, and are known to be by a look that makes no text of them.
  if (atMost(answer, limit) >= 0) return undefined;
  const bytes = jsonByteLength(answer);
  return bytes > limit ? bytes : undefined;
}

/** What is left of so many bytes after the value, at the most that it may take; negative when it may be larger. */
function atMost(value: JsonValue, room: number): number {
  let left = room - MOST_PER_VALUE;
  if (typeof value === 'string') return left - value.length * MOST_PER_CHARACTER;
  if (typeof value !== 'object' || value === null) return left;
  if (isList(value)) {
    for (let index = 0; index < value.length && left >= 0; index += 1)
      left = atMost(value[index] ?? null, left);
    return left;
  }
  for (const key in value) {
    if (left < 0) return left;
    left = atMost(value[key] ?? null, left - MOST_PER_VALUE - key.length * MOST_PER_CHARACTER);
  }
  return left;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
