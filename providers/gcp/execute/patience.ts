/**
 * Refusals that pass by themselves: another change under way, a writer that was faster, a service account or a grant that
 * is not known everywhere yet, a quota by the minute. The step is asked again; when it does not pass, the refusal itself
 * is told.
 */
import {
  type CallContext,
  type JsonObject,
  type JsonValue,
  keptOf,
  ServerlessError,
  type Step,
  type StepResult,
  turnOf,
} from 'polyfaas/spi';
import { numberAt, objectAt, textAt } from '../clients/json.ts';
import { classify, errorMessage } from '../errors.ts';
import type { Executor } from '../model.ts';
import { OperationFailure } from './operation.ts';

/** What passes by itself, and for how long it is waited for at most. */
export interface Reason {
  readonly stage: string;
  readonly mostMs: number;
  /** It was only too early: nothing of the step has to be begun anew. */
  readonly goesOn?: boolean;
}

/** Undefined for what does not pass. */
export type ReasonOf = (error: unknown) => Reason | undefined;

/** So much before the step's deadline, the refusal itself is told instead of "took too long". */
const MARGIN_MS = 30_000;
/** Grants and service accounts are known everywhere by then ("typically within 2 minutes, potentially 7 or longer"). */
export const SPREADING_MS = 480_000;
/** Quotas of requests are by the minute; so long is tried again, too, what broke on Google's side. */
const MINUTES_MS = 150_000;
const FIRST_MS = 1_000;
const LONGEST_MS = 15_000;
/** Where it is kept what was waited for so far, apart from what the executor keeps. */
const KEY = 'patience';

/** The executor, asked again while what it meets passes by itself. @param reasonOf default: what functions and services meet */
export function patient(executor: Executor, reasonOf: ReasonOf = ownReason): Executor {
  return async (gcp, step, call): Promise<StepResult> => {
    const waited = waitedOf(call);
    const own = waited === undefined ? call : turnOf(call, waited.own);
    try {
      const result = await executor(gcp, step, own);
      // What it waits for itself is part of the same attempt to get over what was refused.
      if (result.done || waited === undefined || waited.endsWithProgress) return result;
      return { ...result, resume: kept({ ...waited, own: result.resume ?? null }) };
    } catch (error) {
      return waitOut(step, call, { waited, own: own.resume ?? null }, error, reasonOf);
    }
  };
}

/** What was waited for so far. */
interface Waited {
  readonly stage: string;
  readonly since: number;
  readonly polls: number;
  readonly endsWithProgress: boolean;
  /** What the executor itself kept. */
  readonly own: JsonValue;
}

function kept(waited: Waited): JsonObject {
  return { [KEY]: { ...waited } };
}

function waitedOf(call: CallContext): Waited | undefined {
  const found = objectAt(keptOf(call), KEY);
  const since = numberAt(found, 'since');
  if (since === undefined) return undefined;
  return {
    stage: textAt(found, 'stage') ?? '',
    since,
    polls: numberAt(found, 'polls') ?? 0,
    endsWithProgress: found['endsWithProgress'] === true,
    own: found['own'] ?? null,
  };
}

/** @throws the refusal, when it is none that passes, or when it did not pass in time. */
function waitOut(
  step: Step,
  call: CallContext,
  before: { readonly waited: Waited | undefined; readonly own: JsonValue },
  error: unknown,
  reasonOf: ReasonOf,
): StepResult {
  // What this adapter refuses by itself does not pass.
  if (ServerlessError.isInstance(error) || call.signal.aborted) throw error;
  const reason = reasonOf(error);
  if (!reason) throw error;
  const { stage, mostMs, goesOn = false } = reason;
  const now = call.clock.now();
  const same = before.waited?.stage === stage ? before.waited : undefined;
  const { since, polls } = same ?? { since: now, polls: 0 };
  const longest = step.deadlineSeconds * 1_000 - MARGIN_MS;
  if (now - since > Math.min(longest, mostMs)) throw error;
  const { retryAfterMs = 0 } = classify(error);
  const pollAfterMs = Math.max(retryAfterMs, Math.min(LONGEST_MS, FIRST_MS * 1.6 ** polls));
  return {
    done: false,
    pollAfterMs: Math.round(pollAfterMs),
    resume: kept({
      stage,
      since,
      polls: polls + 1,
      endsWithProgress: goesOn,
      // Steps begin with a look: one that was refused starts anew; one that was only too early goes on.
      own: goesOn ? before.own : null,
    }),
    stage,
  };
}

const ownReason: ReasonOf = (error) => {
  const { code, retryable, message } = classify(error);
  if (maySpread(error)) return { stage: 'waiting for a grant to be known', mostMs: MINUTES_MS };
  // Before all else that is retryable: a quota says itself how long.
  const byQuota = quotaReason(error);
  if (byQuota) return byQuota;
  if (code === 'CONFLICT' && retryable) {
    return message === undefined
      ? { stage: 'waiting for another change to end', mostMs: Number.POSITIVE_INFINITY }
      : { stage: 'waiting until Google knows of it everywhere', mostMs: SPREADING_MS };
  }
  return brokenReason(error);
};

/** Quotas of requests. One of how many there may be is answered so too, and does not pass. */
export const quotaReason: ReasonOf = (error) => {
  if (classify(error).code !== 'RATE_LIMITED') return undefined;
  // An operation that ended with it tells so for ever: it is begun anew.
  const goesOn = !(error instanceof OperationFailure);
  return { stage: 'waiting for the quota of requests', mostMs: MINUTES_MS, goesOn };
};

/** Operations that broke on Google's side. */
export const brokenReason: ReasonOf = (error) =>
  error instanceof OperationFailure && classify(error).retryable
    ? { stage: 'beginning anew', mostMs: MINUTES_MS }
    : undefined;

/** What is said of a grant, or a service account, that is too new; and as well of one that there is not. */
export function maySpread(error: unknown): boolean {
  return /iam\.serviceaccounts\.actas\b.*\(or it may not exist\)|Permission denied on secret: /i.test(
    errorMessage(error),
  );
}
