/**
 * Refusals that pass by themselves: a name that was freed a moment ago, a change under way, an identity that is not known
 * everywhere yet. The step is asked again; when it does not pass, the refusal itself is told.
 */
import { ServerlessError, type StepResult } from 'polyfaas/spi';
import { classify } from '../errors.ts';
import type { Executor } from '../model.ts';
import { again, keptOf, numberIn } from './turn.ts';

const PATIENCE_MS = 240_000;

/** The executor, asked again while what it meets passes by itself. */
export function patient(executor: Executor): Executor {
  return async (azure, step, call): Promise<StepResult> => {
    try {
      return await executor(azure, step, call);
    } catch (error) {
      // What this adapter refuses by itself does not pass.
      if (ServerlessError.isInstance(error) || !passes(error)) throw error;
      const now = call.clock.now();
      const since = numberIn(keptOf(call), 'since') || now;
      // Less than a step's deadline, so that the refusal is told and not the deadline.
      if (call.signal.aborted || now - since > PATIENCE_MS) throw error;
      return again(call, 'waiting for another change to end', { since });
    }
  };
}

function passes(error: unknown): boolean {
  const { code, retryable } = classify(error);
  return code === 'CONFLICT' && retryable;
}
