/** Delivers events durably: at least once, with retry and dead letter. */
export { checkPattern, matchPattern } from './match-pattern.ts';
export { createEventPlatform } from './platform.ts';
