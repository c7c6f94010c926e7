/**
 * What the loser of a race does. Between its last look at the record and what it made then is one call, which the winner
 * may not have seen: so it brings what it touched to what the record says now, and tells of the conflict.
 */
import {
  resolveObject,
  ServerlessError,
  type Binding,
  type CallContext,
  type JsonObject,
  type Step,
} from 'polyfaas/spi';
import type { AwsClients } from '../../clients/index.ts';
import type { Executor, Target } from '../../model.ts';
import { EMPTY_RECORD, TAG, type FunctionRecord } from '../../record.ts';
import { unlessMissing } from '../../replies.ts';
import { placeOf, queueArn, sourceArn, type Place } from '../arn.ts';
import { arnOfSource, madeSources } from '../made/sources.ts';
import { deletionSteps, planBindings, planRemoval } from '../plan.ts';
import { again, kept } from '../steps.ts';
import { resourceKey } from '../unbind.ts';
import { allowAgain } from './allow.ts';
import { isOvertaken, presentRecord, type Claim, type Claimed, type Present } from './claim.ts';
import { liveFunction, type LiveFunction } from './live.ts';

type Executors = Readonly<Record<string, Executor>>;
type Answer = Awaited<ReturnType<Executor>>;

/** Less than the deadline of a step, so that the conflict is told. */
const PATIENCE_MS = 240_000;
/** Under which a step keeps since when it is known. */
const LOST = 'lostAt';

/** True when an earlier turn of the step found that it lost. */
export function isGivingWay(call: CallContext): boolean {
  return kept(call)[LOST] !== undefined;
}

/**
 * Undefined as long as nobody else noted anything; done where there is nothing left to remove.
 *
 * @throws ServerlessError CONFLICT once all is as the winner noted.
 */
export async function unlessOvertaken(
  aws: AwsClients,
  executors: Executors,
  claimed: Claimed & { readonly target: Target },
  call: CallContext,
): Promise<Answer | undefined> {
  const { target, knows, claim } = claimed;
  const present = await presentRecord(aws, target, call);
  if (present.isGone && claimed.removes === true) return { done: true };
  const isLost = isGivingWay(call);
  if (!isLost && !isOvertaken(present, knows)) return undefined;
  if (claim === undefined) throw conflict(claimed, present);
  const now = call.clock.now();
  const before = kept(call)[LOST];
  const since = typeof before === 'number' ? before : now;
  const wait = (stage: string): Answer => again(call, stage, { [LOST]: since });
  const mayWait = now - since < PATIENCE_MS;
  // Only a later turn undoes anything: whoever repeats that one does not begin with the step itself.
  if (!isLost) return wait('giving way to another operation');
  if (isHalfDone(present, claimed.removes)) {
    if (mayWait) return wait('waiting for the other operation to end');
    // One that was broken off is named in the record; the record of one that is only slow forgets what is not its own.
    throw conflict(claimed, present, tooLong('The other operation'));
  }
  let cause: unknown;
  try {
    const isDone = await undo(aws, executors, { ...claimed, claim, present }, call);
    if (!isDone && mayWait) return wait('taking back what it made');
    if (!isDone) cause = tooLong('It');
  } catch (error) {
    cause = error;
  }
  throw conflict(claimed, present, cause);
}

function tooLong(what: string): Error {
  return new Error(`${what} took longer than ${PATIENCE_MS / 1000} s.`);
}

/** A removal that lost has itself begun to take things away. */
function isHalfDone({ record, noted }: Present, removes = false): boolean {
  const seen = removes ? noted : record;
  return seen !== undefined && seen.pending.length > 0;
}

interface Loss extends Claimed {
  readonly target: Target;
  readonly claim: Claim;
  readonly present: Present;
}

/** Brings what the claim touched to what is there now. False when it is still at it. */
async function undo(
  aws: AwsClients,
  executors: Executors,
  { target, claim, removes, present: { isGone, noted } }: Loss,
  call: CallContext,
): Promise<boolean> {
  if (isGone) {
    const { bindings } = claim;
    const made = madeSources(EMPTY_RECORD, bindings);
    const steps = planRemoval({ target, record: { ...EMPTY_RECORD, bindings, made } });
    return await runAll(aws, executors, steps, call);
  }
  // A record that cannot be read tells of nothing that is to go.
  if (noted === undefined) return true;
  const live = await liveFunction(aws, target, call);
  // The next turn sees that it is gone.
  if (live === undefined) return false;
  await allowAgain(aws, target, { bindings: noted.bindings, roleArn: live.roleArn }, call);
  const isDone = await runAll(aws, executors, undoing(target, claim, noted, live), call);
  if (isDone && removes === true) await removeNoMore(aws, target, call);
  return isDone;
}

/** Nothing that the record names is taken away any longer. */
async function removeNoMore(aws: AwsClients, target: Target, call: CallContext): Promise<void> {
  const lambda = await aws.lambda();
  const mark = { Resource: target.functionArn, TagKeys: [TAG.removing] };
  await unlessMissing(lambda.untagResource(mark, { abortSignal: call.signal }));
}

function undoing(
  target: Target,
  claim: Claim,
  record: FunctionRecord,
  { timeoutSeconds, hasShim }: LiveFunction,
): readonly Step[] {
  const place = placeOf(target);
  const named = new Set(record.bindings.map((binding) => resourceKey(place, binding)));
  const lost = claim.bindings.filter((binding) => !named.has(resourceKey(place, binding)));
  const { steps } = planBindings({
    target,
    record: {
      ...record,
      bindings: [...record.bindings, ...lost],
      // Of what the winner met half done, only a search finds the rest.
      pending: lost.map(({ id }) => id),
    },
    bindings: record.bindings,
    timeoutSeconds,
    hasShim,
    boundaryArn: claim.boundaryArn,
    drifted: new Set(claim.touched),
  });
  return [
    // Nobody waits here for mappings that were touched.
    ...steps.filter(({ kind }) => kind !== 'settle-mappings'),
    ...deletionSteps(target, unnamed(place, record, lost)),
  ];
}

/** The sources of what was lost that nobody else would delete. */
function unnamed(place: Place, record: FunctionRecord, lost: readonly Binding[]) {
  const used = new Set([
    ...record.made.map((source) => arnOfSource(place, source)),
    ...record.bindings.flatMap(({ event }) => [
      sourceArn(place, event),
      'deadLetter' in event && event.deadLetter !== undefined
        ? queueArn(place, event.deadLetter)
        : undefined,
    ]),
  ]);
  return madeSources(EMPTY_RECORD, lost).filter((source) => !used.has(arnOfSource(place, source)));
}

/** False when one is still at it. All can be begun again. */
async function runAll(
  aws: AwsClients,
  executors: Executors,
  steps: readonly Step[],
  { resume: _resume, ...call }: CallContext,
): Promise<boolean> {
  const outputs = new Map<string, JsonObject>();
  for (const step of steps) {
    const executor = executors[step.kind];
    if (executor === undefined) throw new Error(`There is no executor of "${step.kind}".`);
    const answer = await executor(
      aws,
      { ...step, input: resolveObject(step.input, outputs) },
      call,
    );
    if (!answer.done) return false;
    outputs.set(step.id, answer.output ?? {});
  }
  return true;
}

function conflict(
  { target: { ref }, removes }: Claimed & { readonly target: Target },
  { isGone }: Present,
  cause?: unknown,
): ServerlessError {
  const changed = `Somebody else changed "${ref.name}" meanwhile`;
  const what = isGone
    ? `"${ref.name}" was removed meanwhile. Deploy it first, then run the same operation again.`
    : removes === true
      ? `${changed}, so it is not deleted. Remove it again: that begins with what is there now.`
      : `${changed}. Run the same operation again: it begins with what is there now.`;
  const left =
    'What this one had changed by then could not be brought to what the other one noted: until that is done, an event may still call the function that should not, or the other way round.';
  return new ServerlessError({
    code: 'CONFLICT',
    retryable: true,
    provider: 'aws',
    function: ref.name,
    message: cause === undefined ? what : `${what} ${left}`,
    details: { overtaken: true },
    ...(cause === undefined ? {} : { cause }),
  });
}
