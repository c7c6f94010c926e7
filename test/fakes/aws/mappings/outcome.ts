/** What an invocation says of its batch. */
import { isObject } from '../core/operation.ts';
import type { InvokeOutcome, World } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';

export type BatchOutcome =
  | { readonly kind: 'done'; readonly reply: InvokeOutcome }
  /** Some items failed. Never empty. */
  | {
      readonly kind: 'partial';
      readonly reply: InvokeOutcome;
      readonly failed: ReadonlySet<string>;
    }
  | { readonly kind: 'failed'; readonly reply: InvokeOutcome }
  /** The invocation was not accepted: throttled, or there is no such function. */
  | { readonly kind: 'refused' };

/** Invokes with a batch, and reads what came of it. `ids` are the identifiers that the function may name. */
export async function invokeBatch(
  world: World,
  functionArn: string,
  records: readonly object[],
  ids: readonly string[],
  reportsFailures: boolean,
): Promise<BatchOutcome> {
  let reply: InvokeOutcome;
  try {
    reply = await world.lambda.invoke({
      arn: functionArn,
      type: 'RequestResponse',
      payload: JSON.stringify({ Records: records }),
    });
  } catch (error) {
    if (error instanceof AwsFault) return { kind: 'refused' };
    throw error;
  }
  if (reply.functionError !== undefined) return { kind: 'failed', reply };
  if (!reportsFailures) return { kind: 'done', reply };
  const failed = readFailures(reply.payload, ids);
  if (failed === 'all') return { kind: 'failed', reply };
  return failed.size === 0 ? { kind: 'done', reply } : { kind: 'partial', reply, failed };
}

/** Nothing, null, or an empty list is success; what cannot be read, or names something else, fails the whole batch. */
function readFailures(
  payload: string | undefined,
  ids: readonly string[],
): ReadonlySet<string> | 'all' {
  if (payload === undefined || payload === '') return new Set();
  let answer: unknown;
  try {
    answer = JSON.parse(payload);
  } catch {
    return 'all';
  }
  if (answer === null) return new Set();
  if (!isObject(answer)) return new Set();
  const failures = answer['batchItemFailures'];
  if (failures === undefined || failures === null) return new Set();
  if (!Array.isArray(failures)) return 'all';
  const failed = new Set<string>();
  for (const failure of failures as readonly unknown[]) {
    const id = isObject(failure) ? failure['itemIdentifier'] : undefined;
    if (typeof id !== 'string' || !ids.includes(id)) return 'all';
    failed.add(id);
  }
  return failed;
}
