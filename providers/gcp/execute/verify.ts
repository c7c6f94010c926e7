/** Calls a version over its tag until it answers, before any traffic goes there. */
import {
  again,
  type CallContext,
  type FunctionRef,
  keptOf,
  type ServerlessError,
  type StepResult,
} from 'polyfaas/spi';
import { numberAt } from '../clients/json.ts';
import { isOpen } from '../ingress.ts';
import type { Executor } from '../model.ts';
import type { VerifyInput, WarmInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { refuseOthers } from './secret.ts';

/** `not-found` where the front knows of no such service: too new, or closed to where the call comes from. */
export type Verdict = 'ok' | 'not-yet' | 'not-found' | ServerlessError;

/** The calls that two of the executors make; the invoker makes them. */
export interface Calls {
  verify(input: VerifyInput, call: CallContext): Promise<Verdict>;
  warm(
    ref: FunctionRef,
    instances: number,
    call: CallContext,
  ): Promise<{ readonly distinctInstances: number }>;
}

/** The address of a tag is known everywhere long before. */
const SPREADING_MS = 60_000;

/**
 * Behind a closed ingress, whoever deploys from outside finds nothing, now and for ever. What Cloud Run has said of the
 * revision must do then: it is ready, so it has started and loaded its code.
 */
export function verifyRevision(calls: Pick<Calls, 'verify'>): Executor {
  return async (gcp, step, call) => {
    const input = inputOf<VerifyInput>(step);
    const { verdict, error } = await verdictOf(calls, input, call);
    if (verdict === 'ok') return { done: true };
    if (verdict === 'not-yet') return waiting(call);
    // Whoever claimed the record since takes its address away: then nothing is wrong with this version.
    await refuseOthers(gcp, input.secret, input.expected ?? null, call);
    if (verdict !== 'not-found') throw error;
    const now = call.clock.now();
    const since = numberAt(keptOf(call), 'since') ?? now;
    if (!isOpen(input.ingress) && now - since >= SPREADING_MS) {
      call.warn(
        `Version ${input.version} was not called before the switch: its service takes no calls from here (providerOptions.gcp.ingress: "${input.ingress}"). Cloud Run says that it has started. Deploy from inside of the network to have versions called.`,
      );
      return { done: true };
    }
    return waiting(call);
  };
}

/** What was thrown is no verdict. */
async function verdictOf(
  calls: Pick<Calls, 'verify'>,
  input: VerifyInput,
  call: CallContext,
): Promise<{ readonly verdict?: 'ok' | 'not-yet' | 'not-found'; readonly error?: unknown }> {
  try {
    const verdict = await calls.verify(input, call);
    return typeof verdict === 'string' ? { verdict } : { error: verdict };
  } catch (error) {
    call.signal.throwIfAborted();
    return { error };
  }
}

function waiting(call: CallContext): StepResult {
  const since = numberAt(keptOf(call), 'since') ?? call.clock.now();
  return again(call, { stage: 'waiting until the version answers', keep: { since } });
}

export function warmInstances(calls: Pick<Calls, 'warm'>): Executor {
  return async (_gcp, step, call) => {
    const { ref, instances } = inputOf<WarmInput>(step);
    const { distinctInstances } = await calls.warm(ref, instances, call);
    return { done: true, output: { distinctInstances } };
  };
}
