import { ServerlessError } from '../errors/index.ts';
import { PHASES, type Plan, type Scope } from '../spi/plan.ts';
import { isBindings } from './outcome.ts';
import { referenceOf, stepsReferredTo } from './refs.ts';
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
  const wrong = isObject(plan) ? wrongFields(plan, PLAN) : ['plan'];
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
  const missing = wrongFields(plan.result, RESULT);
  if (missing.length > 0) throw notPlan(missing.map((field) => `result.${field}`));
  checkReferences(plan);
}

/** What no step can give is found now, and not when half of the plan is done. */
function checkReferences(plan: Plan): void {
  dependenciesOf(plan);
  const earlier = new Set<string>();
  const check = (value: unknown, where: string): void => {
    const unknown = [...stepsReferredTo(value)].find((id) => !earlier.has(id));
    if (unknown === undefined) return;
    throw refused(
      plan.provider,
      `The plan is malformed: ${where} refers to "${unknown}", which is no earlier step. Make the plan anew.`,
    );
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
