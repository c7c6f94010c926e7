import { ServerlessError } from '../errors/index.ts';
import { PHASES, type FunctionRef, type Operation, type Plan, type Scope } from '../spi/plan.ts';
import { isBindings } from './outcome.ts';
import { referenceOf, stepsReferredTo } from '../spi/refs.ts';
import { dependenciesOf } from './step-order.ts';

type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

const isText: Check = (value) => typeof value === 'string';
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSeconds: Check = (value) => typeof value === 'number' && value > 0;
const isPhase: Check = (value) => PHASES.some((phase) => phase === value);
/** Known now, or only to the platform until a step has asked it. */
const orReference =
  (isRight: Check): Check =>
  (value) =>
    isRight(value) || (isObject(value) && referenceOf(value) !== undefined);

const FUNCTION: Shape = { app: isText, stage: isText, name: isText };

const STEP: Shape = {
  id: isText,
  phase: isPhase,
  kind: isText,
  title: isText,
  input: isObject,
  after: (value) => value === undefined || isTexts(value),
  locks: isTexts,
  deadlineSeconds: isSeconds,
  attemptSeconds: (value) => value === undefined || isSeconds(value),
};

const PLAN: Shape = {
  specVersion: (value) => typeof value === 'number',
  provider: isText,
  operation: isText,
  function: (value) => wrongFields(value, FUNCTION).length === 0,
  basedOn: isText,
  steps: (value) =>
    Array.isArray(value) && value.every((step) => wrongFields(step, STEP).length === 0),
  changes: Array.isArray,
  warnings: Array.isArray,
  result: isObject,
};

/** What a deploy or a rollback comes to. */
const RESULT: Shape = {
  version: orReference(isText),
  digest: orReference(isText),
  url: orReference((value) => value === undefined || value === null || isText(value)),
  bindings: orReference(isBindings),
};

/** Refuses what is no plan, or not one for here: plans come back from files, pipes and other programs. */
export function checkPlan(plan: Plan, here: Scope & { readonly provider: string }): void {
  const wrong = wrongParts(plan);
  if (wrong.length > 0) throw notPlan(wrong);
  const { specVersion, provider, operation } = plan;
  const { app, stage } = plan.function;
  if (specVersion !== 1 || provider !== here.provider) {
    throw refused(
      here.provider,
      `This plan is for provider "${provider}", plan version ${specVersion}; this manager has "${here.provider}", plan version 1. Make the plan with this configuration.`,
    );
  }
  if (app !== here.app || stage !== here.stage) {
    throw refused(
      provider,
      `This plan is for app "${app}", stage "${stage}"; this manager has app "${here.app}", stage "${here.stage}". Apply it with the configuration that it was made with.`,
    );
  }
  if (operation !== 'deploy' && operation !== 'rollback') {
    throw refused(
      provider,
      `apply() runs plans of a deploy or a rollback, not of "${operation}". Call the method of that name.`,
    );
  }
  const missing = wrongInResult(plan);
  if (missing.length > 0) throw notPlan(missing);
  checkReferences(plan, (why) =>
    refused(plan.provider, `The plan is malformed: ${why}. Make the plan anew.`),
  );
}

/** What a planner was asked for. */
export interface PlanWish {
  readonly provider: string;
  readonly operation: Operation;
  readonly function: FunctionRef;
}

/**
 * The same for a plan that a planner has just made, and that is run or kept next: half-way through it is too late.
 *
 * @throws TypeError that says what is wrong with it, for the planner's author.
 */
export function checkMade(made: Plan, wish: PlanWish): void {
  if (isObject(made) && 'then' in made) {
    // Nobody awaits it, and it must not end the process.
    Promise.resolve(made).catch(() => undefined);
    throw new TypeError('it made a promise, and planners are synchronous');
  }
  const wrong = wrongParts(made);
  if (wrong.length > 0) throw new TypeError(`missing or malformed: ${wrong.join(', ')}`);
  const { app, stage, name } = wish.function;
  const unlike = [
    ...mislabelled('specVersion', made.specVersion, 1),
    ...mislabelled('provider', made.provider, wish.provider),
    ...mislabelled('operation', made.operation, wish.operation),
    ...mislabelled('function.app', made.function.app, app),
    ...mislabelled('function.stage', made.function.stage, stage),
    ...mislabelled('function.name', made.function.name, name),
  ];
  if (unlike.length > 0) throw new TypeError(unlike.join('; '));
  const isDeployment = wish.operation === 'deploy' || wish.operation === 'rollback';
  const missing = isDeployment ? wrongInResult(made) : [];
  if (missing.length > 0) throw new TypeError(`missing or malformed: ${missing.join(', ')}`);
  checkReferences(made, (why) => new TypeError(why));
}

// The types say what it is; an adapter may be written without them.
function mislabelled(field: string, given: unknown, wanted: string | number): readonly string[] {
  return given === wanted ? [] : [`${field} is "${String(given)}", and has to be "${wanted}"`];
}

function wrongParts(plan: unknown): readonly string[] {
  if (!isObject(plan)) return ['plan'];
  return wrongFields(plan, PLAN).flatMap((field) =>
    field === 'steps' ? wrongSteps(Reflect.get(plan, field)) : [field],
  );
}

function wrongSteps(steps: unknown): readonly string[] {
  if (!Array.isArray(steps)) return ['steps'];
  return steps.flatMap((step: unknown, at) =>
    wrongFields(step, STEP).map((field) => `steps.${at}.${field}`),
  );
}

function wrongInResult({ result }: Plan): readonly string[] {
  return wrongFields(result, RESULT).map((field) => `result.${field}`);
}

/** What no step can give is found now, and not when half of the plan is done. */
function checkReferences(plan: Plan, malformed: (why: string) => Error): void {
  dependenciesOf(plan, malformed);
  const earlier = new Set<string>();
  const check = (value: unknown, where: string): void => {
    const unknown = [...stepsReferredTo(value)].find((id) => !earlier.has(id));
    if (unknown === undefined) return;
    throw malformed(`${where} refers to "${unknown}", which is no earlier step`);
  };
  for (const { id, input } of plan.steps) {
    check(input, `step "${id}"`);
    earlier.add(id);
  }
  check(plan.result, 'its result');
}

function notPlan(wrong: readonly string[]): ServerlessError {
  return new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `This is not a plan: missing or malformed: ${wrong.join(', ')}. Pass what plan() returned, or its parsed JSON, unchanged.`,
    details: { issues: wrong.map((path) => ({ path, message: 'missing or malformed' })) },
  });
}

function wrongFields(value: unknown, shape: Shape): readonly string[] {
  return Object.entries(shape)
    .filter(([field, isRight]) => !isObject(value) || !isRight(Reflect.get(value, field)))
    .map(([field]) => field);
}

function refused(provider: string, message: string): ServerlessError {
  return new ServerlessError({ code: 'INVALID_ARGUMENT', provider, message });
}
