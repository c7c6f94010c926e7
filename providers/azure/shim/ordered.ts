/**
 * Ordered sources: Event Hubs, and the change feed of Cosmos DB. The host repeats a whole batch as its retry policy
 * says, in the same instance; what was done of it is remembered here, and what fails for the last time is set aside.
 * With a dead-letter queue the host repeats without end, and moves its checkpoint only when all is done: attempts are
 * counted here, and what that queue does not take is not lost.
 */
import type { InvocationContext } from '@azure/functions';
import type { JsonValue, OrderedResult, ShimReply } from 'polyfaas/function';
import type { BindingPolicy } from '../manifest.ts';
import type { Instance } from './instance.ts';
import { fieldsOf, jsonOf } from './json.ts';
import { streamRecords, tableRecords } from './normal/ordered.ts';
import { report } from './report.ts';
import { isTooLarge, send } from './send.ts';

type OrderedKind = 'stream' | 'table';

interface Numbered {
  readonly sequenceNumber: string;
}

/** One chunk of a batch, as the handler takes it. */
type Run = (from: number, to: number, attempt: number) => Promise<ShimReply>;

/** How far a batch is done, and how often the record at that place has failed. */
interface Progress {
  readonly position: number;
  readonly failures: number;
  /** The end of what is being set aside, once it has failed for the last time; else null. */
  readonly doomedTo: number | null;
}

const START: Progress = { position: 0, failures: 0, doomedTo: null };

/** By binding, partition, and the batch's first and last record: partitions count their records each from 0. */
const progress = new Map<string, Progress>();
const MAX_REMEMBERED = 1_000;
/** The part of the function's time that is left when dead letters are tried no more in one call. */
const MARGIN = 0.2;

export async function serveOrdered(
  instance: Instance,
  policy: BindingPolicy,
  messages: unknown,
  context: InvocationContext,
): Promise<void> {
  const { binding, source } = policy;
  const { event } = binding;
  if (event.type === 'stream') {
    const { shard, records } = streamRecords(messages, fieldsOf(context.triggerMetadata));
    await work(instance, policy, 'stream', shard, records, context, (from, to, attempt) =>
      instance.call(
        { kind: 'stream', event: { source, shard, records: records.slice(from, to) } },
        { requestId: context.invocationId, attempt },
        context,
      ),
    );
  } else if (event.type === 'table') {
    const records = tableRecords(messages);
    await work(instance, policy, 'table', '', records, context, (from, to, attempt) =>
      instance.call(
        { kind: 'table', event: { source, records: records.slice(from, to) } },
        { requestId: context.invocationId, attempt },
        context,
      ),
    );
  }
}

async function work(
  instance: Instance,
  policy: BindingPolicy,
  kind: OrderedKind,
  shard: string,
  records: readonly Numbered[],
  context: InvocationContext,
  run: Run,
): Promise<void> {
  const { event } = policy.binding;
  if (event.type !== kind || records.length === 0) return;
  const { batchSize, retry } = event;
  const untilMs = Date.now() + instance.identity.timeoutSeconds * 1_000 * (1 - MARGIN);
  const key = JSON.stringify([
    policy.binding.id,
    shard,
    records[0]?.sequenceNumber,
    records.at(-1)?.sequenceNumber,
  ]);
  const hostAttempt = (context.retryContext?.retryCount ?? 0) + 1;
  const repeatsAlways = policy.deadLetter !== null;
  // The first attempt of the host begins anew: what a process before it did, nobody knows.
  const known = hostAttempt > 1 ? progress.get(key) : undefined;
  let { position, failures, doomedTo } = known ?? START;
  if (known === undefined && repeatsAlways && hostAttempt > retry.maxAttempts) {
    const crashed = new Error('It took the process down.');
    report(instance, 'warn', 'Records are given up', crashed, context);
    doomedTo = records.length;
  }
  while (position < records.length) {
    if (doomedTo === null) {
      const end = Math.min(position + batchSize, records.length);
      const outcome = await attemptChunk(run, records, position, end, failures + 1);
      failures = outcome.doneUntil === position ? failures + 1 : 1;
      position = outcome.doneUntil;
      if (outcome.isDone) {
        failures = 0;
        continue;
      }
      if (failures < retry.maxAttempts) {
        // Where the host repeats no more, the rest of the batch is tried again here, without a delay.
        if (!repeatsAlways && hostAttempt >= retry.maxAttempts) continue;
        if (outcome.thrown !== undefined) {
          report(instance, 'warn', 'Records failed', outcome.thrown, context);
        }
        remember(key, { position, failures, doomedTo });
        throw asError(outcome.thrown);
      }
      report(instance, 'warn', 'Records failed for the last time', outcome.thrown, context);
      doomedTo = end;
    }
    const doomed = records.slice(position, doomedTo);
    const { count, refused } = await setAside(instance, policy, doomed, context, untilMs);
    position += count;
    if (refused !== undefined) {
      remember(key, { position, failures, doomedTo });
      throw refused;
    }
    failures = 0;
    doomedTo = null;
  }
  progress.delete(key);
}

interface ChunkOutcome {
  readonly isDone: boolean;
  /** The first record that is not done. */
  readonly doneUntil: number;
  readonly thrown: unknown;
}

async function attemptChunk(
  run: Run,
  records: readonly Numbered[],
  from: number,
  to: number,
  attempt: number,
): Promise<ChunkOutcome> {
  try {
    const reply = await run(from, to, attempt);
    const retryFrom = isOrderedResult(reply) ? reply.retryFrom : undefined;
    if (retryFrom === undefined) return { isDone: true, doneUntil: to, thrown: undefined };
    const index = records.findIndex(({ sequenceNumber }) => sequenceNumber === retryFrom);
    const doneUntil = index < from || index >= to ? from : index;
    return { isDone: false, doneUntil, thrown: undefined };
  } catch (thrown) {
    return { isDone: false, doneUntil: from, thrown };
  }
}

/** Answers how many are set aside, and what keeps the next one from it. */
async function setAside(
  instance: Instance,
  { deadLetter, binding }: BindingPolicy,
  records: readonly object[],
  context: InvocationContext,
  untilMs: number,
): Promise<{ readonly count: number; readonly refused?: Error }> {
  if (deadLetter === null) {
    const text = `${records.length} records of "${binding.id}" are dropped: it has no dead-letter queue`;
    report(instance, 'warn', text, undefined, context);
    return { count: records.length };
  }
  let count = 0;
  for (const record of records) {
    try {
      await send(deadLetter, dataOf(record), { untilMs });
    } catch (thrown) {
      if (!isTooLarge(thrown)) {
        const text = `The dead-letter queue of "${binding.id}" takes nothing: its records wait, and those behind them`;
        report(instance, 'error', text, thrown, context);
        return { count, refused: asError(thrown) };
      }
      // It would keep all others waiting for ever.
      const text = `A record of "${binding.id}" is dropped: it is too large for its dead-letter queue`;
      report(instance, 'error', text, thrown, context);
    }
    count += 1;
  }
  return { count };
}

/** A stream's record is what was sent; a table's is the whole change. */
function dataOf(record: object): JsonValue {
  return 'data' in record ? jsonOf(record.data) : jsonOf(record);
}

function remember(key: string, state: Progress): void {
  progress.set(key, state);
  if (progress.size <= MAX_REMEMBERED) return;
  for (const oldest of progress.keys()) {
    progress.delete(oldest);
    break;
  }
}

/** The runtime has checked what the handler answered. */
function isOrderedResult(reply: ShimReply): reply is OrderedResult {
  return (
    typeof reply === 'object' &&
    reply !== null &&
    'retryFrom' in reply &&
    (reply.retryFrom === undefined || typeof reply.retryFrom === 'string')
  );
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('The handler wants records again.');
}
