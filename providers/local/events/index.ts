/** Delivers events durably: at least once, with retry and dead letter. */
export { checkPattern, matchPattern } from 'polyfaas/function';
export { createEventPlatform } from './platform.ts';
