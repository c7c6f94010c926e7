import type { JsonValue } from 'polyfaas/spi';

/**
 * The user's data in the input of a schedule. The scheduler fills in its own words in angle brackets wherever it finds
 * them (EventBridge Scheduler user guide, "Context attributes"), so those of the user's are written as JSON escapes.
 */
export function scheduleInput(input: JsonValue): string {
  return JSON.stringify(input).replaceAll('<', '\\u003c');
}
