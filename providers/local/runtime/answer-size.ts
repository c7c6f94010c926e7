/** Answers have a limit, as on the clouds: what is never larger here is found out there by those who wait for it. */
import { jsonByteLength, measuredJson } from 'polyfaas/function';
import type { JsonValue } from 'polyfaas/spi';
import { CAPABILITIES } from '../capabilities.ts';

/** As large as an input may be, which is how Lambda has it. */
export const MOST_ANSWER_BYTES = CAPABILITIES.limits.syncPayloadBytes;

/** How many bytes of JSON an answer is that is over the limit; undefined for all others. */
export function bytesOverLimit(
  answer: JsonValue,
  limit: number = MOST_ANSWER_BYTES,
): number | undefined {
  // Most answers are small, and are known to be by a look that makes no text of them.
  if (measuredJson(answer).atMostBytes <= limit) return undefined;
  const bytes = jsonByteLength(answer);
  return bytes > limit ? bytes : undefined;
}
