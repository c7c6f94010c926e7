/**
 * What the loser of a race does. Between its last look at the record and what it made then is one call, which the winner
 * may not have seen: so it brings what it touched to what the record says now, and tells of the conflict.
 */
import {
  ServerlessError,
  type Binding,
  type CallContext,
  type JsonObject,
  type JsonValue,
  type Step,
} from 'polyfaas/spi';
import type { AwsClients } from '../../clients/index.ts';
import type { Executor, Target } from '../../model.ts';
import { EMPTY_RECORD, type FunctionRecord } from '../../record.ts';
import { placeOf, queueArn, sourceArn, type Place } from '../arn.ts';
import { arnOfSource, madeSources } from '../made/sources.ts';
import { deletionSteps, planBindings, planRemoval } from '../plan.ts';
import type { QueueWish } from '../queue/wish.ts';
import { again, inputOf, kept } from '../steps.ts';
import { resourceKey } from '../unbind.ts';
import { isOvertaken, presentRecord, type Claim, type Claimed, type Present } from './claim.ts';

type Executors = Readonly<Record<string, Executor>>;
type Answer = Awaited<ReturnType<Executor>>;

/** What is half done is named in the record, so the next operation finds it: nobody is waited for for long. */
const PATIENCE_MS = 40_000;
/** Under which a step keeps since when it is known. */
const LOST = 'lostAt';

/** True when an earlier turn of the step found that it lost. */
export function isGivingWay(call: CallContext): boolean {
  return kept(call)[LOST] !== undefined;
}

/**
 * Undefined as long as nobody else noted anything.
 *
 * @throws ServerlessError CONFLICT once all is as the winner noted.
 */
export async function unlessOvertaken(
  aws: AwsClients,
  executors: Executors,
  { target, knows, claim }: Claimed & { readonly target: Target },
  call: CallContext,
): Promise<Answer | undefined> {
  const present = await presentRecord(aws, target, call);
  const isLost = isGivingWay(call);
  if (!isLost && !isOvertaken(present, knows)) return undefined;
  if (claim === undefined) throw conflict(target, present);
  const now = call.clock.now();
  const before = kept(call)[LOST];
  const since = typeof before === 'number' ? before : now;
  const wait = (stage: string): Answer => again(call, stage, { [LOST]: since });
  const mayWait = now - since < PATIENCE_MS;
  // Only a later turn undoes anything: whoever repeats that one does not begin with the step itself.
  if (!isLost) return wait('giving way to another operation');
  if (isHalfDone(present)) {
    if (mayWait) return wait('waiting for the other operation to end');
    throw conflict(target, present);
  }
  let cause: unknown;
  try {
    const isDone = await runAll(aws, executors, undoing(target, claim, present), call);
    if (!isDone && mayWait) return wait('taking back what it made');
    if (!isDone) cause = new Error(`It took longer than ${PATIENCE_MS / 1000} s.`);
  } catch (error) {
    cause = error;
  }
  throw conflict(target, present, cause);
}

function isHalfDone({ record }: Present): boolean {
  return record !== undefined && record.pending.length > 0;
}

/** The steps that bring what the claim touched to what is there now. */
function undoing(target: Target, claim: Claim, { isGone, record }: Present): readonly Step[] {
  if (isGone) {
    const { bindings } = claim;
    const made = madeSources(EMPTY_RECORD, bindings);
    return planRemoval({ target, record: { ...EMPTY_RECORD, bindings, made } });
  }
  // A record that cannot be read tells of nothing that is to go.
  if (record === undefined) return [];
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
    timeoutSeconds: claim.timeoutSeconds,
    hasShim: claim.hasShim,
    boundaryArn: claim.boundaryArn,
    drifted: new Set(claim.touched),
  });
  return [
    ...steps.filter((step) => !isWinners(step)),
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

/**
 * Mappings that were touched need no wait here, and how long a queue hides its messages follows from the version that is
 * live: of that, only the winner knows.
 */
function isWinners(step: Step): boolean {
  if (step.kind === 'settle-mappings') return true;
  return step.kind === 'ensure-queue' && inputOf<{ queue: QueueWish }>(step).queue.source != null;
}

/** False when one is still at it. All can be begun again. */
async function runAll(
  aws: AwsClients,
  executors: Executors,
  steps: readonly Step[],
  { resume: _resume, ...call }: CallContext,
): Promise<boolean> {
  const outputs = new Map<string, JsonObject | undefined>();
  for (const step of steps) {
    const answer = await executors[step.kind]?.(aws, withOutputs(step, outputs), call);
    if (answer?.done !== true) return false;
    outputs.set(step.id, answer.output);
  }
  return true;
}

/** The step with what it refers to of those before it, as `{ $from: 'step.field' }`. */
function withOutputs(step: Step, outputs: ReadonlyMap<string, JsonObject | undefined>): Step {
  const input: JsonObject = JSON.parse(JSON.stringify(step.input), (_key, value: JsonValue) => {
    const from = isReference(value) ? value.$from.split('.') : undefined;
    return from === undefined ? value : outputs.get(from[0] ?? '')?.[from[1] ?? ''];
  });
  return { ...step, input };
}

function isReference(value: JsonValue): value is { readonly $from: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    '$from' in value &&
    typeof value.$from === 'string'
  );
}

function conflict({ ref }: Target, { isGone }: Present, cause?: unknown): ServerlessError {
  const what = isGone
    ? `"${ref.name}" was removed meanwhile. Deploy it first, then run the same operation again.`
    : `Somebody else changed the events of "${ref.name}" meanwhile. Run the same operation again: it begins with what is there now.`;
  const left =
    'What this one had made by then could not be taken back: until that is done, it may still call the function.';
  return new ServerlessError({
    code: 'CONFLICT',
    retryable: true,
    provider: 'aws',
    function: ref.name,
    message: cause === undefined ? what : `${what} ${left}`,
    ...(cause === undefined ? {} : { cause }),
  });
}
