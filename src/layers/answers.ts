/** Whether what an adapter answers is that: of one without types, a wrong field would fail far away, or be taken as it is. */
import { ServerlessError } from '../errors/index.ts';
import { describeValue } from '../spec/describe-value.ts';
import type {
  FunctionDescription,
  FunctionMetrics,
  InvokeResult,
  ObservedFunction,
  ProviderIdentity,
} from '../spi/provider.ts';
import type { CallInfo } from './layer.ts';

interface Kind {
  readonly is: (value: unknown) => boolean;
  readonly expected: string;
}

/** Those of an interface that are not optional: one that is forgotten does not compile. */
type Fields<Of> = {
  readonly [Name in keyof Of as undefined extends Of[Name] ? never : Name]: Kind;
};

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number' && !Number.isNaN(value);

const text: Kind = { is: isText, expected: 'a text' };
const textOrNull: Kind = {
  is: (value) => value === null || isText(value),
  expected: 'a text or null',
};
const numberOrNull: Kind = {
  is: (value) => value === null || isNumber(value),
  expected: 'a number or null',
};
const list: Kind = { is: Array.isArray, expected: 'a list' };
const flag: Kind = { is: (value) => typeof value === 'boolean', expected: 'true or false' };
const json: Kind = { is: (value) => value !== undefined, expected: 'JSON' };
const spread: Kind = {
  is: (value) => value === null || isObject(value),
  expected: 'an object or null',
};

const IDENTITY: Fields<ProviderIdentity> = { account: text, region: text };
const OBSERVED: Fields<ObservedFunction> = { token: text };
const DESCRIPTION: Fields<FunctionDescription> = {
  name: text,
  app: text,
  stage: text,
  provider: text,
  region: text,
  physicalName: text,
  liveVersion: textOrNull,
  versions: list,
  bindings: list,
  url: textOrNull,
};
const INVOKED: Fields<InvokeResult> = {
  output: json,
  requestId: text,
  version: text,
  coldStart: flag,
  durationMs: numberOrNull,
  initDurationMs: numberOrNull,
  instanceId: textOrNull,
};
const METRICS: Fields<FunctionMetrics> = {
  source: text,
  coverage: text,
  from: text,
  to: text,
  completeThrough: text,
  invocations: numberOrNull,
  errors: numberOrNull,
  timeouts: numberOrNull,
  throttles: numberOrNull,
  coldStarts: numberOrNull,
  warmUps: numberOrNull,
  durationMs: spread,
  initDurationMs: spread,
  maxMemoryMb: numberOrNull,
};

/** What a step comes to is checked where plans are run. */
const CHECKS: Readonly<Partial<Record<CallInfo['call'], (answer: object) => readonly string[]>>> = {
  identify: (answer) => wrongIn(answer, IDENTITY, ''),
  observe: (answer) => [...wrongIn(answer, OBSERVED, ''), ...wrongDescription(answer)],
  invoke: (answer) => wrongIn(answer, INVOKED, ''),
  metrics: (answer) => wrongIn(answer, METRICS, ''),
};

/** @throws ServerlessError UNKNOWN for what is no answer to the call; it names every field that is wrong. */
export function checkedAnswer<Value>(info: CallInfo, answer: Value): Value {
  const check = CHECKS[info.call];
  if (!check) return answer;
  const wrong = isObject(answer)
    ? check(answer)
    : [`it is ${describeValue([], answer)}, and has to be an object`];
  if (wrong.length === 0) return answer;
  throw new ServerlessError({
    code: 'UNKNOWN',
    message: `The adapter "${info.provider}" answered ${info.call}() with what is none of its results: ${wrong.join('; ')}. That is a defect of the adapter: tell its authors.`,
  });
}

function wrongDescription(observed: object): readonly string[] {
  const description: unknown = Reflect.get(observed, 'description');
  if (description === undefined) return [];
  if (isObject(description)) return wrongIn(description, DESCRIPTION, 'description.');
  return [
    `description: it is ${describeValue([], description)}, and has to be an object, or undefined where there is no function`,
  ];
}

function wrongIn(
  answer: object,
  fields: Readonly<Record<string, Kind>>,
  path: string,
): readonly string[] {
  let wrong: string[] | undefined;
  // The hot path: nothing is made where all is well.
  for (const name in fields) {
    const kind = fields[name];
    if (!kind || kind.is(Reflect.get(answer, name))) continue;
    wrong ??= [];
    wrong.push(`${path}${name}: it has to be ${kind.expected}`);
  }
  return wrong ?? NOTHING;
}

const NOTHING: readonly string[] = [];

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
