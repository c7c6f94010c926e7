/**
 * Events that Lambda runs asynchronously (topic, object, bus, schedule): it repeats them at most twice and drops them
 * then. What a binding asks for beyond that is done here.
 */
import type { JsonValue, ShimCall } from 'polyfaas/function';
import { type LambdaContext } from './lambda-context.ts';
import { type Attempts, isLastAttempt } from './retry/attempts.ts';
import { sendDeadLetter } from './retry/dead-letter.ts';
import { type DeliveryPolicy, findPolicy, type Origin } from './retry/policy.ts';

export type PushCall = Extract<
  ShimCall,
  { readonly kind: 'topic' | 'object' | 'bus' | 'schedule' }
>;

export interface PushParts {
  readonly context: LambdaContext;
  readonly attempts: Attempts;
  /** Where the event came from; undefined where no binding can be found, as for a schedule. */
  readonly origin: Origin | undefined;
  readonly run: (attempt: number) => Promise<unknown>;
  readonly warn: (message: string, thrown: unknown) => void;
}

/** @throws what the handler threw, so that Lambda counts the failure and repeats the event. */
export async function servePush(call: PushCall, parts: PushParts): Promise<void> {
  const { context, attempts } = parts;
  const id = `${context.awsRequestId} ${call.event.id}`;
  const attempt = attempts.begin(id);
  try {
    await parts.run(attempt);
  } catch (thrown) {
    const isOver = await giveUp(call, parts, attempt, thrown).catch((cause: unknown) => {
      parts.warn('The retry policy of the binding could not be applied; Lambda decides', cause);
      return false;
    });
    if (!isOver) throw thrown;
  }
  attempts.end(id);
}

/** @returns true when nothing more is to be done for the event. */
async function giveUp(
  call: PushCall,
  { context, origin, warn }: PushParts,
  attempt: number,
  thrown: unknown,
): Promise<boolean> {
  const policy = origin === undefined ? undefined : await findPolicy(origin, context);
  if (policy === undefined) return false;
  const { bindingId, retry, deadLetter } = policy;
  if (!isSpent(call, policy, attempt)) return false;
  const times = `after ${attempt} of ${retry.maxAttempts} attempts seen here`;
  if (deadLetter === undefined) {
    warn(`The event of binding "${bindingId}" was dropped ${times}`, thrown);
    return true;
  }
  await sendDeadLetter(deadLetter, deadLetterData(call), context);
  warn(`The event of binding "${bindingId}" went to "${deadLetter}" ${times}`, thrown);
  return true;
}

function isSpent(call: PushCall, { retry, deadLetter }: DeliveryPolicy, attempt: number): boolean {
  // Lambda stops by itself when nothing else does, so only what would be lost needs to be foreseen.
  if (deadLetter === undefined) return attempt >= retry.maxAttempts;
  return isLastAttempt(retry.maxAttempts, attempt, Date.now() - Date.parse(call.event.time));
}

function deadLetterData(call: PushCall): JsonValue {
  if (call.kind === 'topic' || call.kind === 'bus') return call.event.data;
  return { ...call.event };
}
