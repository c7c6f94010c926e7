import { ServerlessError } from '../errors/index.ts';
import { describeValue } from '../spec/describe-value.ts';
import type { Step, StepResult } from '../spi/plan.ts';

/** What an adapter without types may answer instead would be waited for without end, or fail somewhere else. */
export function checkStepResult(result: StepResult, { id, title }: Step): StepResult {
  const wrong = whyNone(result);
  if (wrong === undefined) return result;
  throw new ServerlessError({
    code: 'UNKNOWN',
    step: id,
    message: `The adapter answered the step "${title}" with ${wrong}. That is a defect of the adapter: tell its authors.`,
  });
}

function whyNone(result: StepResult): string | undefined {
  if (!isStepResult(result)) {
    return 'neither { done: true } nor { done: false, pollAfterMs: <milliseconds from 0> }';
  }
  // Later steps refer to its fields.
  if (!result.done || isOutput(result.output)) return undefined;
  return `an output that is ${describeValue([], result.output)}, and not an object`;
}

function isOutput(value: unknown): boolean {
  return value == null || (typeof value === 'object' && !Array.isArray(value));
}

function isStepResult(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('done' in value)) return false;
  if (value.done === true) return true;
  if (value.done !== false || !('pollAfterMs' in value)) return false;
  const { pollAfterMs } = value;
  return typeof pollAfterMs === 'number' && pollAfterMs >= 0 && pollAfterMs < Infinity;
}
