/**
 * Refusals that pass by themselves: another change under way, a name that was freed a moment ago, an identity that is not
 * known everywhere yet. The step is asked again; when it does not pass, the refusal itself is told.
 */
import { ServerlessError, type CallContext, type Step, type StepResult } from 'polyfaas/spi';
import { classify } from '../errors.ts';
import type { Executor } from '../model.ts';
import { again, keptOf } from './turn.ts';

/** So much before the step's deadline, the refusal itself is told instead of "took too long". */
const MARGIN_MS = 30_000;

/** The executor, asked again while what it meets passes by itself. */
export function patient(executor: Executor): Executor {
  return async (azure, step, call): Promise<StepResult> => {
    try {
      return await executor(azure, step, call);
    } catch (error) {
      return waitOut(step, call, error);
    }
  };
}

/** @throws the refusal, when it is none that passes, or when it did not pass in time. */
function waitOut(step: Step, call: CallContext, error: unknown): StepResult {
  // What this adapter refuses by itself does not pass.
  if (ServerlessError.isInstance(error)) throw error;
  const { code, retryable } = classify(error);
  if (code !== 'CONFLICT' || !retryable || call.signal.aborted) throw error;
  // An operation that ended badly is begun anew; where the step stood stays.
  const { inner: _, operation: _operation, form: _form, ...kept } = keptOf(call);
  const now = call.clock.now();
  const since = typeof kept['busySince'] === 'number' ? kept['busySince'] : now;
  if (now - since > step.deadlineSeconds * 1_000 - MARGIN_MS) throw error;
  return again(call, {
    stage: 'waiting for another change to end',
    keep: { ...kept, busySince: since },
  });
}
