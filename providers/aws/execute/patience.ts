/** Refusals that pass by themselves: AWS has not told all of its parts about a role, a permission or a key yet. */
import { ServerlessError, type CallContext, type Step, type StepResult } from 'polyfaas/spi';
import { classify, errorMessage, isNamed } from '../errors.ts';
import { again, keptOf, numberOf } from './input.ts';

/** So much before the step's deadline, the refusal itself is told instead of "took too long". */
const MARGIN_MS = 15_000;

const ADVICE =
  'Check the trust policy and the permissions of the role, then run the same operation again.';

interface Passing {
  readonly names: readonly string[];
  readonly text: RegExp;
  readonly stage: string;
  /** What to do where it does not pass. */
  readonly advice?: string;
}

/** Messages of Lambda and EventBridge Scheduler, as their services send them. */
const PASSING: readonly Passing[] = [
  {
    names: ['InvalidParameterValueException'],
    text: /cannot be assumed by Lambda|does not have permissions|ensure the role can perform/i,
    stage: 'waiting for the role',
  },
  {
    names: ['InvalidParameterValueException'],
    text: /KMS key is invalid for CreateGrant/i,
    stage: 'waiting for the key',
  },
  {
    names: ['InvalidParameterValueException'],
    text: /throttled by EC2/i,
    stage: 'waiting for the network',
  },
  {
    names: ['InvalidParameterValueException'],
    text: /alias with weights can ?not be used/i,
    stage: 'waiting for the traffic to move',
    advice: 'Take the weights off the alias, then run the same operation again.',
  },
  { names: ['ValidationException'], text: /assume the role/i, stage: 'waiting for the role' },
  {
    names: ['ResourceConflictException', 'ResourceInUseException'],
    text: /in progress|at this time|pending|try again/i,
    stage: 'waiting for another change to end',
  },
];

function passing(error: unknown): Passing | undefined {
  const message = errorMessage(error);
  return PASSING.find(({ names, text }) => isNamed(error, ...names) && text.test(message));
}

export function passingStage(error: unknown): string | undefined {
  return passing(error)?.stage;
}

/**
 * Asks to be called again, until shortly before the step's deadline.
 *
 * @throws ServerlessError with what AWS said, when it does not pass.
 */
export function waitOut(
  step: Step,
  call: CallContext,
  cause: unknown,
  stage: string,
  advice = ADVICE,
): StepResult {
  const kept = keptOf(call);
  const now = call.clock.now();
  const since = numberOf(kept, 'since') || now;
  const last = errorMessage(cause);
  if (now - since > step.deadlineSeconds * 1000 - MARGIN_MS) {
    const { code } = ServerlessError.isInstance(cause) ? cause : classify(cause);
    throw new ServerlessError({
      code: code === 'CONFLICT' || code === 'UNKNOWN' ? 'TIMEOUT' : code,
      provider: 'aws',
      step: step.id,
      message: `"${step.title}" is refused for ${Math.round((now - since) / 1000)} s now, which is too long for a delay inside AWS: ${last} ${advice}`,
      cause,
    });
  }
  return again(call, { stage, keep: { since, last }, firstMs: 1000, longestMs: 10_000 });
}

/** Runs it; a refusal that passes by itself is waited out. */
export async function patiently(
  step: Step,
  call: CallContext,
  act: () => Promise<StepResult>,
): Promise<StepResult> {
  try {
    return await act();
  } catch (error) {
    const known = passing(error);
    if (known === undefined) throw error;
    return waitOut(step, call, error, known.stage, known.advice);
  }
}
