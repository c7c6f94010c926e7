/** Checks of the options that every method takes: callers without types get a typed error, not a stack trace. */
import { invalid } from './arguments.ts';

interface Check {
  readonly isRight: (value: unknown) => boolean;
  readonly expected: string;
}

const boolean: Check = {
  isRight: (value) => typeof value === 'boolean',
  expected: 'true or false',
};
const text: Check = { isRight: (value) => typeof value === 'string', expected: 'a string' };
const oneOf = (...allowed: readonly unknown[]): Check => ({
  isRight: (value) => allowed.includes(value),
  expected: `one of ${allowed.join(', ')}`,
});

const CHECKS: ReadonlyMap<string, Check> = new Map([
  ['signal', { isRight: isSignal, expected: 'an AbortSignal' }],
  ['onProgress', { isRight: (value) => typeof value === 'function', expected: 'a function' }],
  ['adopt', boolean],
  ['prune', boolean],
  ['drift', oneOf('cheap', 'full')],
  ['only', { isRight: isTexts, expected: 'a list of names' }],
  ['mode', oneOf('sync', 'async')],
  ['idempotent', boolean],
  ['version', text],
  ['requestId', text],
  ['traceparent', text],
  ['minLevel', oneOf('debug', 'info', 'warn', 'error')],
  ['cursor', text],
  ['follow', boolean],
]);

/** Refuses what is no object, and every field whose value is of the wrong type. */
export function checkOptions<Options extends object>(options: Options): Options {
  if (!isObject(options)) throw invalid('options', `${nameOf(options)} is not an object.`);
  for (const field in options) {
    const value: unknown = options[field];
    const check = value === undefined ? undefined : CHECKS.get(field);
    if (check && !check.isRight(value)) {
      throw invalid(field, `${nameOf(value)} is not ${check.expected}.`);
    }
  }
  return options;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** By its form: a polyfill's signal is as good. */
function isSignal(value: unknown): boolean {
  return isObject(value) && 'aborted' in value && 'addEventListener' in value;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function nameOf(value: unknown): string {
  if (typeof value === 'string') return `"${value.slice(0, 80)}"`;
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'this';
  return String(value);
}
