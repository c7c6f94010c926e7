/** Calls a version over its tag until it answers, before any traffic goes there. */
import { again, type CallContext, type FunctionRef, ServerlessError } from 'polyfaas/spi';
import type { Executor } from '../model.ts';
import type { VerifyInput, WarmInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';

/** The calls that two of the executors make; the invoker makes them. */
export interface Calls {
  verify(input: VerifyInput, call: CallContext): Promise<'ok' | 'not-yet' | ServerlessError>;
  warm(
    ref: FunctionRef,
    instances: number,
    call: CallContext,
  ): Promise<{ readonly distinctInstances: number }>;
}

export function verifyRevision(calls: Pick<Calls, 'verify'>): Executor {
  return async (_gcp, step, call) => {
    const verdict = await calls.verify(inputOf<VerifyInput>(step), call);
    if (verdict === 'ok') return { done: true };
    if (verdict !== 'not-yet') throw verdict;
    return again(call, { stage: 'waiting until the version answers' });
  };
}

export function warmInstances(calls: Pick<Calls, 'warm'>): Executor {
  return async (_gcp, step, call) => {
    const { ref, instances } = inputOf<WarmInput>(step);
    const { distinctInstances } = await calls.warm(ref, instances, call);
    return { done: true, output: { distinctInstances } };
  };
}
