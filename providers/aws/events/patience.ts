/**
 * Refusals that pass by themselves: a role or a permission that is not known everywhere yet, another change under way,
 * a name that was freed a moment ago. The step is asked again; when it does not pass, the refusal itself is told.
 */
import type { StepResult } from 'polyfaas/spi';
import type { Executor } from '../model.ts';
import { again, kept } from './steps.ts';

interface Passing {
  readonly names: readonly string[];
  /** Some of these texts must be in the message. Without it, every message will do. */
  readonly texts?: readonly string[];
  readonly stage: string;
}

const ROLE = 'waiting for the role to be known';
const OTHER_CHANGE = 'waiting for another change to end';

/** Texts as the services send them (API references of Lambda, EventBridge Scheduler, S3 and SQS). */
const PASSING: readonly Passing[] = [
  {
    names: ['InvalidParameterValueException'],
    texts: [
      'cannot be assumed by Lambda',
      'execution role does not have permissions',
      'ensure the role can perform',
      'KMS key is invalid for CreateGrant',
    ],
    stage: ROLE,
  },
  { names: ['ValidationException'], texts: ['to assume the role'], stage: ROLE },
  {
    // Attributes and new queues are known everywhere after a minute at most (SQS API reference, `SetQueueAttributes`).
    names: ['InvalidParameterValueException', 'InvalidParameterValue', 'InvalidAttributeValue'],
    texts: ['Queue visibility timeout', 'NonExistentQueue', 'Dead letter target does not exist'],
    stage: 'waiting for the queue to be known',
  },
  {
    names: ['InvalidArgument'],
    texts: ['Unable to validate the following destination configurations'],
    stage: 'waiting for the permission to be known',
  },
  {
    names: ['ResourceConflictException'],
    texts: ['in progress', 'cannot be performed at this time', 'Please try again'],
    stage: OTHER_CHANGE,
  },
  { names: ['ResourceInUseException'], stage: OTHER_CHANGE },
  {
    names: [
      'ConcurrentModificationException',
      'ConcurrentModification',
      'ConcurrentAccessException',
      'OperationAborted',
    ],
    stage: OTHER_CHANGE,
  },
  {
    names: ['ConflictException'],
    texts: ['concurrent modification', 'try again'],
    stage: OTHER_CHANGE,
  },
  {
    names: ['NotFoundException', 'BadRequestException'],
    texts: ['Unable to find Route by key'],
    stage: 'waiting for the routes to be deployed',
  },
  {
    names: ['QueueDeletedRecently', 'AWS.SimpleQueueService.QueueDeletedRecently'],
    stage: 'waiting until the name of the queue is free',
  },
];

/** Less than a step's deadline, so that the refusal is told and not the deadline. */
const PATIENCE_MS = 240_000;

/** The executor, asked again while what it meets passes by itself. */
export function patient(executor: Executor): Executor {
  return async (aws, step, call): Promise<StepResult> => {
    try {
      return await executor(aws, step, call);
    } catch (error) {
      const stage = passing(error);
      if (stage === undefined) throw error;
      const before = kept(call);
      const now = call.clock.now();
      const since = typeof before['since'] === 'number' ? before['since'] : now;
      if (now - since > PATIENCE_MS) throw error;
      return again(call, stage, { ...before, since });
    }
  };
}

function passing(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const known = PASSING.find(
    ({ names, texts }) =>
      names.includes(error.name) && (texts?.some((text) => error.message.includes(text)) ?? true),
  );
  return known?.stage;
}
