/** Checks of the options that every method takes: callers without types get a typed error, not a stack trace. */
import type { ServerlessError } from '../errors/index.ts';
import type { PackageReportOptions } from '../package/report.ts';
import { nearestName } from '../spec/nearest.ts';
import { invalid } from './arguments.ts';
import { told } from './told.ts';
import type * as Face from './types.ts';

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

const wholeNumber = (min: number, max: number): Check => ({
  isRight: (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
  expected: `a whole number from ${min} to ${max}`,
});

/** Whoever uses it says what is wrong with it, or nothing is. But it is there, or left out. */
const anything: Check = {
  isRight: (value) => value !== null,
  expected: 'a value. Leave the option out instead',
};

/** One for each field: one that is forgotten does not compile. */
type Checks<Options> = { readonly [Field in keyof Required<Options>]: Check };

const call: Checks<Face.CallOptions> = {
  signal: { isRight: isSignal, expected: 'an AbortSignal' },
};
const apply: Checks<Face.ApplyOptions> = {
  onProgress: { isRight: (value) => typeof value === 'function', expected: 'a function' },
  ...call,
};
const planAll: Checks<Omit<Face.PlanOptions, 'spec'>> = {
  adopt: boolean,
  prune: boolean,
  drift: oneOf('cheap', 'full'),
  ...call,
};
const invoke: Checks<Face.InvokeOptions> = {
  mode: oneOf('sync', 'async'),
  idempotent: boolean,
  version: text,
  requestId: text,
  traceparent: text,
  ...call,
};
const deployAll: Checks<Face.DeployAllOptions> = {
  only: { isRight: isTexts, expected: 'a list of names' },
  ...planAll,
  ...apply,
};
const packageReport: Checks<PackageReportOptions & Face.CallOptions> = {
  loads: wholeNumber(0, 20),
  folder: anything,
  ...call,
};
const window: Checks<Face.TimeWindow> = { last: anything, from: anything, to: anything };
const logs: Checks<Face.LogsOptions> = {
  requestId: text,
  minLevel: oneOf('debug', 'info', 'warn', 'error'),
  limit: anything,
  cursor: text,
  follow: boolean,
  ...window,
  ...call,
};
const plan: Checks<Face.PlanOptions> = { spec: anything, ...planAll };
const deploy: Checks<Face.DeployOptions> = { ...plan, ...apply };
const preWarm: Checks<Face.PreWarmOptions> = { instances: anything, ...call };

/** By method. In maps, where `toString` is no field. */
const CHECKS = {
  plan: byField(plan),
  packageReport: byField(packageReport),
  apply: byField(apply),
  deploy: byField(deploy),
  deployAll: byField(deployAll),
  invoke: byField(invoke),
  configureEvent: byField(apply),
  removeEvent: byField(apply),
  preWarm: byField(preWarm),
  metrics: byField({ ...window, ...call }),
  logs: byField(logs),
  rollback: byField({ version: text, ...apply }),
  remove: byField(apply),
  prune: byField({ keepVersions: anything, ...apply }),
  describe: byField(call),
  list: byField(call),
};

export type Method = keyof typeof CHECKS;

/** Of the methods whose options cannot be left out. */
const EXAMPLES: ReadonlyMap<Method, string> = new Map([
  ['preWarm', "preWarm('orders', { instances: 3 })"],
  ['metrics', "metrics('orders', { last: '1h' })"],
]);

/** Refuses what is no object, every field that the method has not got, and every value of the wrong type. */
export function checkOptions<Options extends object>(method: Method, options: Options): Options {
  if (!isObject(options)) {
    const example = EXAMPLES.get(method);
    const next = example === undefined ? '' : ` Write ${example}.`;
    throw invalid('options', `${told(options)} is not an object.${next}`);
  }
  const checks = CHECKS[method];
  for (const field in options) {
    const value: unknown = options[field];
    if (value === undefined) continue;
    const check = checks.get(field);
    if (!check) {
      // What a polluted prototype adds is nobody's option.
      if (Object.hasOwn(options, field)) throw unknownOption(method, field, [...checks.keys()]);
    } else if (!check.isRight(value)) {
      throw invalid(field, `${told(value)} is not ${check.expected}.`);
    }
  }
  return options;
}

function unknownOption(method: Method, given: string, known: readonly string[]): ServerlessError {
  const field = given.slice(0, 80);
  const nearest = nearestName(field, known);
  const hint =
    nearest === undefined ? 'Remove it.' : `Did you mean "${nearest}"? Rename or remove it.`;
  return invalid(field, `is no option of ${method}, which takes ${known.join(', ')}. ${hint}`);
}

function byField(checks: Readonly<Record<string, Check>>): ReadonlyMap<string, Check> {
  return new Map(Object.entries(checks));
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
