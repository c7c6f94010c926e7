import { ServerlessError } from '../errors/index.ts';
import type { Step, StepResult } from '../spi/plan.ts';

/** What an adapter without types may answer instead would be waited for without end, or fail somewhere else. */
export function checkStepResult(result: StepResult, { id, title }: Step): StepResult {
  if (isStepResult(result)) return result;
  throw new ServerlessError({
    code: 'UNKNOWN',
    step: id,
    message: `The adapter answered the step "${title}" with neither { done: true } nor { done: false, pollAfterMs: <milliseconds from 0> }. That is a defect of the adapter: tell its authors.`,
  });
}

function isStepResult(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('done' in value)) return false;
  if (value.done === true) return true;
  if (value.done !== false || !('pollAfterMs' in value)) return false;
  const { pollAfterMs } = value;
  return typeof pollAfterMs === 'number' && pollAfterMs >= 0 && pollAfterMs < Infinity;
}
