/** Whether the limits and the names of an adapter's capabilities are there: what is not could never be passed. */
import type { Capabilities } from '../spi/capabilities.ts';
import { field, isObject } from './fields.ts';

type Limits = Capabilities['limits'];
type Ranges = 'memoryMb' | 'timeoutSeconds';

/** One for each: one that is forgotten does not compile. */
const RANGES: { readonly [Name in Ranges]: true } = { memoryMb: true, timeoutSeconds: true };
const NUMBERS: { readonly [Name in Exclude<keyof Limits, Ranges>]: true } = {
  envBytes: true,
  syncPayloadBytes: true,
  asyncPayloadBytes: true,
  zipBytes: true,
  unpackedBytes: true,
  maxInstances: true,
  concurrency: true,
  httpTimeoutSeconds: true,
};

/** What is wrong with all but the features, for the adapter's author. */
export function wrongLimits(capabilities: unknown): readonly string[] {
  const limits = field(capabilities, 'limits');
  return [
    ...(isObject(limits) ? wrongNumbers(limits) : [NO_LIMITS]),
    ...wrongManners(capabilities),
  ];
}

const NO_LIMITS = 'capabilities.limits: it has to be an object';

function wrongNumbers(limits: object): readonly string[] {
  const ranges = Object.keys(RANGES).filter((name) => !isRange(field(limits, name)));
  const unstepped = Object.keys(RANGES).filter((name) => !areSteps(field(limits, name)));
  const numbers = Object.keys(NUMBERS).filter((name) => !isLimit(field(limits, name)));
  return [
    ...problem(ranges, 'there is no range { min, max } of numbers, the lower one first, for'),
    ...problem(unstepped, 'the `steps` have to be a list of numbers, for'),
    ...problem(numbers, 'there is no number above 0 for'),
  ];
}

function wrongManners(capabilities: unknown): readonly string[] {
  const change = field(capabilities, 'deploySwitch');
  const rule = field(field(capabilities, 'names'), 'function');
  return [
    ...(change === 'atomic' || change === 'restart'
      ? []
      : ['capabilities.deploySwitch: it has to be "atomic" or "restart"']),
    ...(isLimit(field(rule, 'maxLength')) && typeof field(rule, 'characters') === 'string'
      ? []
      : [
          'capabilities.names.function: it has to be a rule with a `maxLength`, and `characters` such as "a-z0-9-"',
        ]),
  ];
}

function problem(names: readonly string[], what: string): readonly string[] {
  if (names.length === 0) return [];
  return [`capabilities.limits: ${what} ${names.map((name) => `"${name}"`).join(', ')}`];
}

function isRange(range: unknown): boolean {
  const min = field(range, 'min');
  const max = field(range, 'max');
  return typeof min === 'number' && typeof max === 'number' && min <= max;
}

function areSteps(range: unknown): boolean {
  const steps = field(range, 'steps');
  return steps === undefined || (Array.isArray(steps) && steps.every(Number.isFinite));
}

function isLimit(value: unknown): boolean {
  return typeof value === 'number' && value > 0;
}
