/** Calls a deployment at its own address until it answers, before any traffic goes there. */
import {
  again,
  type CallContext,
  type FunctionRef,
  keptOf,
  numberAt,
  ServerlessError,
  type StepResult,
} from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import type { Executor } from '../model.ts';
import type { VerifyInput, WarmInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { readProject } from '../observe/project.ts';
import { deleteDeployment } from './delete-deployment.ts';
import { deploymentOf, whyItFailed } from './load-error.ts';
import { conflict } from './refusals.ts';
import { claimedRecord, variablesOf } from './variables.ts';
import { isFailure, type NotYet, type Verdict } from './verdict.ts';

/** The calls that two of the executors make; the invoker makes them. */
export interface Calls {
  verify(input: VerifyInput, call: CallContext): Promise<Verdict>;
  warm(
    ref: FunctionRef,
    instances: number,
    call: CallContext,
  ): Promise<{ readonly distinctInstances: number }>;
}

export function verifyDeployment(calls: Pick<Calls, 'verify'>): Executor {
  return async (vercel, step, call) => {
    const input = inputOf<VerifyInput>(step);
    try {
      return await verified(calls, vercel, input, call);
    } catch (error) {
      const overtaking = await overtakenBy(vercel, input, call);
      const isCode = ServerlessError.isInstance(error) && error.code === 'FUNCTION_FAILED';
      if (isCode) await discard(vercel, input, call);
      throw overtaking ?? error;
    }
  };
}

async function verified(
  calls: Pick<Calls, 'verify'>,
  vercel: VercelClients,
  input: VerifyInput,
  call: CallContext,
): Promise<StepResult> {
  const first = await calls.verify(input, call);
  const verdict =
    isFailure(first) && first.code === 'FUNCTION_FAILED'
      ? await whyItFailed(vercel, input, first, () => calls.verify(input, call), call)
      : first;
  if (verdict === 'ok') return { done: true };
  if ('notYet' in verdict) return wait(vercel, input, verdict, call);
  if ('done' in verdict) return verdict;
  throw verdict;
}

/** Whoever claimed the record since takes away what this one was to be made with: then nothing is wrong with its code. */
async function overtakenBy(
  vercel: VercelClients,
  { projectId, expected }: VerifyInput,
  call: CallContext,
): Promise<ServerlessError | undefined> {
  try {
    claimedRecord(await variablesOf(vercel, projectId, call), expected);
  } catch (error) {
    call.signal.throwIfAborted();
    // What cannot be read tells nothing, and the failure counts.
    if (ServerlessError.isInstance(error)) return error;
  }
  return undefined;
}

/** So long a new bypass secret may take until all of the edge knows it. */
const SECRET_IS_NEW_MS = 20_000;

/** What does not pass by itself is told at once, and not when the time is up. */
async function wait(
  vercel: VercelClients,
  input: VerifyInput,
  { notYet, doubt, cause }: NotYet,
  call: CallContext,
): Promise<StepResult> {
  const now = call.clock.now();
  const since = numberAt(keptOf(call), 'since') ?? now;
  if (doubt === 'protected' && now - since >= SECRET_IS_NEW_MS) throw cause;
  if (doubt === 'nowhere') await assertThere(vercel, input, call);
  return again(call, {
    stage: `waiting until the version answers (last answer: ${notYet})`,
    keep: { since },
  });
}

/** An address may lead nowhere because it is new, or because what it led to is gone. */
async function assertThere(
  vercel: VercelClients,
  input: VerifyInput,
  call: CallContext,
): Promise<void> {
  claimedRecord(await variablesOf(vercel, input.projectId, call), input.expected);
  if ((await deploymentOf(vercel, input, call)) === undefined) {
    throw conflict('its new deployment was deleted');
  }
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
