/**
 * Refusals that pass by themselves: a service account that is not known everywhere yet, a grant that has not spread, another
 * change under way, a quota by the minute. The step is asked again; when it does not pass, the refusal itself is told.
 */
import type { CallContext, Step, StepResult } from 'polyfaas/spi';
import { GoogleApiError } from '../clients/error.ts';
import { classify } from '../errors.ts';
import type { Executor } from '../model.ts';
import { again, keptOf } from './turn.ts';

interface Passing {
  readonly statuses: readonly number[];
  /** Some of these must be in the message, in any case. Without it, every message will do. */
  readonly texts?: readonly string[];
  readonly stage: string;
}

/** Messages as the services send them. */
const PASSING: readonly Passing[] = [
  {
    // IAM: members of a policy; Pub/Sub and Cloud Scheduler: who signs.
    statuses: [400, 403, 404],
    texts: [
      'does not exist',
      'service_account_email',
      'iam.serviceAccounts.actAs',
      'or it may not exist',
      'not found: serviceaccount',
    ],
    stage: 'waiting for the service account to be known',
  },
  {
    statuses: [400, 403],
    texts: [
      // Cloud Storage: notifications.
      'does not have permission to publish messages',
      'does not have permission to it',
      // Eventarc: its own service agent on first use, and the account of the trigger.
      'service agent',
      'propagat',
      'eventarc.events.receiveEvent',
    ],
    stage: 'waiting for a grant to be known',
  },
  {
    statuses: [404],
    texts: ['resource not found', 'topic'],
    stage: 'waiting for the topic to be known',
  },
  {
    statuses: [409],
    texts: ['abort', 'concurren', 'in progress', 'etag', 'conflict'],
    stage: 'waiting for another change to end',
  },
];

/** So much before the step's deadline, the refusal itself is told instead of "took too long". */
const MARGIN_MS = 30_000;
/** Nothing takes longer to spread ("Access change propagation": two minutes, seven or more at worst). */
const PATIENCE_MS = 480_000;
/** Quotas of requests are by the minute. */
const MINUTES_MS = 150_000;
const WAITING_FOR_QUOTA = 'waiting for the quota of requests';

/** The executor, asked again while what it meets passes by itself. */
export function patient(executor: Executor): Executor {
  return async (gcp, step, call): Promise<StepResult> => {
    try {
      return await executor(gcp, step, call);
    } catch (error) {
      return waitOut(step, call, error);
    }
  };
}

/** @throws the refusal, when it is none that passes, or when it did not pass in time. */
function waitOut(step: Step, call: CallContext, error: unknown): StepResult {
  const stage = passing(error);
  if (stage === undefined || call.signal.aborted) throw error;
  // An operation that ended badly is begun anew.
  const { operation: _, ...kept } = keptOf(call);
  const now = call.clock.now();
  const since = typeof kept['since'] === 'number' ? kept['since'] : now;
  const mostMs = stage === WAITING_FOR_QUOTA ? MINUTES_MS : PATIENCE_MS;
  const patience = Math.min(mostMs, step.deadlineSeconds * 1000 - MARGIN_MS);
  if (now - since > patience) throw error;
  const waiting = again(call, stage, { ...kept, since });
  const { retryAfterMs = 0 } = classify(error);
  return { ...waiting, pollAfterMs: Math.max(waiting.pollAfterMs, retryAfterMs) };
}

function passing(error: unknown): string | undefined {
  if (!(error instanceof GoogleApiError) || error.reason === 'SERVICE_DISABLED') return undefined;
  // A quota of how many there may be is answered so too, and does not pass.
  if (classify(error).code === 'RATE_LIMITED') return WAITING_FOR_QUOTA;
  const said = `${error.code} ${error.message}`.toLowerCase();
  return PASSING.find(
    ({ statuses, texts }) =>
      statuses.includes(error.status) &&
      (texts?.some((text) => said.includes(text.toLowerCase())) ?? true),
  )?.stage;
}
