/**
 * Ordered sources: Event Hubs, and the change feed of Cosmos DB. The host repeats a whole batch as its retry policy
 * says, in the same instance; what was done of it is remembered here, and what fails for the last time is set aside.
 */
import type { InvocationContext } from '@azure/functions';
import type { JsonValue, OrderedResult, ShimReply } from 'polyfaas/function';
import type { BindingPolicy } from '../manifest.ts';
import type { Instance } from './instance.ts';
import { fieldsOf, jsonOf } from './json.ts';
import { streamRecords, tableRecords } from './normal/ordered.ts';
import { report } from './report.ts';
import { send } from './send.ts';

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
}

const START: Progress = { position: 0, failures: 0 };

/** By binding, partition, and the batch's first and last record: partitions count their records each from 0. */
const progress = new Map<string, Progress>();
const MAX_REMEMBERED = 1_000;

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
  const key = JSON.stringify([
    policy.binding.id,
    shard,
    records[0]?.sequenceNumber,
    records.at(-1)?.sequenceNumber,
  ]);
  const hostAttempt = (context.retryContext?.retryCount ?? 0) + 1;
  // The first attempt of the host begins anew: what a process before it did, nobody knows.
  let { position, failures } = (hostAttempt > 1 ? progress.get(key) : undefined) ?? START;
  while (position < records.length) {
    const end = Math.min(position + batchSize, records.length);
    const outcome = await attemptChunk(run, records, position, end, failures + 1);
    failures = outcome.doneUntil === position ? failures + 1 : 1;
    position = outcome.doneUntil;
    if (outcome.isDone) {
      failures = 0;
    } else if (failures >= retry.maxAttempts) {
      report(instance, 'warn', 'Records failed for the last time', outcome.thrown, context);
      await setAside(instance, policy, records.slice(position, end), context);
      position = end;
      failures = 0;
    } else if (hostAttempt < retry.maxAttempts) {
      if (outcome.thrown !== undefined) {
        report(instance, 'warn', 'Records failed', outcome.thrown, context);
      }
      remember(key, { position, failures });
      throw asError(outcome.thrown);
    }
    // Where the host repeats no more, the rest of the batch is tried again here, without a delay.
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

async function setAside(
  instance: Instance,
  policy: BindingPolicy,
  records: readonly object[],
  context: InvocationContext,
): Promise<void> {
  const { deadLetter, binding } = policy;
  if (deadLetter === null) {
    const text = `${records.length} records of "${binding.id}" are dropped: it has no dead-letter queue`;
    report(instance, 'warn', text, undefined, context);
    return;
  }
  for (const record of records) await send(deadLetter, dataOf(record));
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
