/** Calls a deployment at its own address until it answers, before any traffic goes there. */
import { again, type CallContext, type FunctionRef, type ServerlessError } from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import type { Executor } from '../model.ts';
import type { VerifyInput, WarmInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { deleteDeployment, readProject } from './api.ts';
import { deploymentOf, whyItFailed } from './load-error.ts';

/** The calls that two of the executors make; the invoker makes them. */
export interface Calls {
  verify(input: VerifyInput, call: CallContext): Promise<'ok' | 'not-yet' | ServerlessError>;
  warm(
    ref: FunctionRef,
    instances: number,
    call: CallContext,
  ): Promise<{ readonly distinctInstances: number }>;
}

export function verifyDeployment(calls: Pick<Calls, 'verify'>): Executor {
  return async (vercel, step, call) => {
    const input = inputOf<VerifyInput>(step);
    const first = await calls.verify(input, call);
    const verdict =
      typeof first === 'string' || first.code !== 'FUNCTION_FAILED'
        ? first
        : await whyItFailed(vercel, input, first, () => calls.verify(input, call), call);
    if (verdict === 'ok') return { done: true };
    if (verdict === 'not-yet') return again(call, { stage: 'waiting until the version answers' });
    if ('done' in verdict) return verdict;
    if (verdict.code === 'FUNCTION_FAILED') await discard(vercel, input, call);
    throw verdict;
  };
}

/**
 * The next attempt makes a new one: the values of secrets are part of a deployment, and may be what was wrong with it. The
 * failure itself is what counts.
 */
async function discard(
  vercel: VercelClients,
  input: VerifyInput,
  call: CallContext,
): Promise<void> {
  try {
    const [project, id] = await Promise.all([
      readProject(vercel, input.projectId, call),
      deploymentOf(vercel, input, call),
    ]);
    const isLive = project === undefined || project.production === id;
    if (id !== undefined && !isLive) await deleteDeployment(vercel, id, call);
  } catch {
    call.signal.throwIfAborted();
  }
}

export function warmInstances(calls: Pick<Calls, 'warm'>): Executor {
  return async (_vercel, step, call) => {
    const { ref, instances } = inputOf<WarmInput>(step);
    const { distinctInstances } = await calls.warm(ref, instances, call);
    return { done: true, output: { distinctInstances } };
  };
}
