import { ServerlessError } from '../errors/index.ts';

const FIELDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  specVersion: (value) => typeof value === 'number',
  provider: (value) => typeof value === 'string',
  operation: (value) => typeof value === 'string',
  function: isObject,
  basedOn: (value) => typeof value === 'string',
  steps: Array.isArray,
  changes: Array.isArray,
  warnings: Array.isArray,
  result: isObject,
};

/** Refuses what is no plan: plans come back from files, pipes and other programs. */
export function checkPlanShape(plan: unknown): void {
  const wrong = isObject(plan)
    ? Object.entries(FIELDS)
        .filter(([field, isRight]) => !isRight(Reflect.get(plan, field)))
        .map(([field]) => field)
    : ['plan'];
  if (wrong.length === 0) return;
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `This is not a plan: missing or malformed: ${wrong.join(', ')}. Pass what plan() returned, or its parsed JSON, unchanged.`,
    details: { issues: wrong.map((path) => ({ path, message: 'missing or malformed' })) },
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
