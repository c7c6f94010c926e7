/**
 * What becomes of an operation that another one has overtaken. Nothing is compared with the record as a subscription, a job
 * or a trigger is made: so the loser takes away what it made, unless the record knows it.
 */
import { again, type CallContext, keptOf, type Step, type StepResult, turnOf } from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { numberAt, objectAt, textAt } from '../clients/json.ts';
import { classify } from '../errors.ts';
import { EVENT_EXECUTORS } from '../events/execute.ts';
import { removeDoubles } from '../events/object/notifications.ts';
import { planUndoing } from '../events/made/plan.ts';
import { shortName } from '../events/names.ts';
import { EVENT_STEP } from '../events/steps.ts';
import type { Executor } from '../model.ts';
import { REMOVING, UNFINISHED, type FunctionRecord, type MadeSource } from '../record.ts';
import { inputOf } from '../step-input.ts';
import type { Held } from '../steps.ts';
import { doubtBindings } from './doubt.ts';
import { conflict } from './refusals.ts';
import { overtaken, presentSecret } from './secret.ts';

/** Where it is kept how far the loser came, apart from what executors keep. */
const KEY = 'overtaken';
/**
 * So long the one who goes on is waited for: its record has what it deletes until its end, which comes seconds after the
 * last deletion. Of one that has not begun to delete, nothing is waited for: what is there by then, it finds.
 */
const END_MS = 60_000;

/** The executor, which leaves nothing behind when the operation turns out to have lost. */
export function leavingNothing(executor: Executor): Executor {
  return async (gcp, step, call) => {
    const { held } = inputOf<{ readonly held?: Held }>(step);
    if (held === undefined) return await executor(gcp, step, call);
    if (isLosing(call)) return await lose(gcp, step, held, call);
    try {
      const result = await executor(gcp, step, call);
      // It waits for what it grants on to be known: what the other one has deleted never is.
      const isInVain = step.kind === EVENT_STEP.grants && !result.done;
      if (!isInVain || !(await hasLost(gcp, held, call))) return result;
    } catch (error) {
      // Whatever it is called: a topic that the other one has deleted is missing, its function is nobody's to call.
      if (isTriedAgain(error) || !(await hasLost(gcp, held, call))) throw error;
    }
    return await lose(gcp, step, held, call);
  };
}

function isLosing(call: CallContext): boolean {
  return keptOf(call)[KEY] !== undefined;
}

function isTriedAgain(error: unknown): boolean {
  const { code, retryable } = classify(error);
  return retryable && code !== 'CONFLICT';
}

async function hasLost(gcp: GcpClients, held: Held, call: CallContext): Promise<boolean> {
  const present = await presentSecret(gcp, held.secret, call);
  return present?.record?.next !== held.next;
}

/** @throws ServerlessError CONFLICT once nothing is left */
async function lose(
  gcp: GcpClients,
  step: Step,
  { secret, target, making }: Held,
  call: CallContext,
): Promise<StepResult> {
  const kept = objectAt(keptOf(call), KEY);
  const since = numberAt(kept, 'since') ?? call.clock.now();
  const present = await presentSecret(gcp, secret, call);
  const known = making.filter((one) => isKnown(present?.record, one));
  const isTooEarly = known.length > 0 && isUnderWay(present?.record);
  if (isTooEarly && call.clock.now() - since < END_MS) {
    const stage = 'waiting for the operation that goes on instead';
    return again(call, { stage, keep: { [KEY]: { since } } });
  }
  for (const one of planUndoing(
    target,
    making.filter((made) => !known.includes(made)),
  )) {
    const own = one.id === textAt(kept, 'step') ? kept['own'] : null;
    const result = await EVENT_EXECUTORS[one.kind]?.(gcp, one, turnOf(call, own));
    if (result?.done !== false) continue;
    const at = { since, step: one.id, own: result.resume ?? null };
    return { ...result, resume: { [KEY]: at } };
  }
  for (const { kind, id } of known) {
    if (kind !== 'notification') continue;
    const [bucket = '', topic = ''] = id.split('#');
    await removeDoubles(gcp, { bucket: shortName(bucket), topic }, call);
  }
  // What the other one had set right by then may be as this one wished it.
  if (known.some(isThing)) await doubtBindings(gcp, secret, call);
  throw present === undefined ? conflict(secret, 'it was removed') : overtaken(secret);
}

/** Whatever it is to the record: what one binding was granted may be another one's. What is being removed goes as a whole. */
function isKnown(record: FunctionRecord | undefined, { id }: MadeSource): boolean {
  return record?.next !== REMOVING && record?.made.some((one) => one.id === id) === true;
}

/** Grants are as they are, whoever made them. */
function isThing({ kind }: MadeSource): boolean {
  return kind !== 'grant' && kind !== 'destination' && kind !== 'secret';
}

function isUnderWay(record: FunctionRecord | undefined): boolean {
  const next = record?.next ?? null;
  return next !== null && next !== UNFINISHED;
}
