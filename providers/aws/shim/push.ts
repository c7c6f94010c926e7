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
  const run: Run = { isOver: false };
  const work = parts.run(attempt).finally(() => {
    run.isOver = true;
  });
  try {
    const late = await lateness(work, context.getRemainingTimeInMillis());
    if (late === undefined || !(await tryToGiveUp(call, parts, attempt, late, run))) await work;
  } catch (thrown) {
    if (!(await tryToGiveUp(call, parts, attempt, thrown))) throw thrown;
  }
  attempts.end(id);
}

interface Run {
  isOver: boolean;
}

/**
 * So long before the instance is ended, or a fifth of what is left, an event is given up: afterwards nobody would be
 * left to write its dead letter, which may have to load the SDK first.
 */
const GIVE_UP_BEFORE_END_MS = 2_000;

/** What is wrong with a handler that is still at work when its time has nearly run out. */
async function lateness(work: Promise<unknown>, remainingMs: number): Promise<Error | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Error>((resolve) => {
    const delayMs = remainingMs - Math.min(GIVE_UP_BEFORE_END_MS, remainingMs / 5);
    timer = setTimeout(() => {
      resolve(new Error('The handler did not end before the timeout of the function.'));
    }, delayMs);
  });
  try {
    return await Promise.race([work.then(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function tryToGiveUp(
  call: PushCall,
  parts: PushParts,
  attempt: number,
  thrown: unknown,
  late?: Run,
): Promise<boolean> {
  try {
    return await giveUp(call, parts, attempt, thrown, late);
  } catch (cause) {
    parts.warn('The retry policy of the binding could not be applied; Lambda decides', cause);
    return false;
  }
}

/**
 * @param late of a handler that is still at work: only what would be lost is then given up.
 * @returns true when nothing more is to be done for the event.
 */
async function giveUp(
  call: PushCall,
  { context, origin, warn }: PushParts,
  attempt: number,
  thrown: unknown,
  late: Run | undefined,
): Promise<boolean> {
  const policy = origin === undefined ? undefined : await findPolicy(origin, context);
  if (policy === undefined) return false;
  const { bindingId, retry, deadLetter } = policy;
  if (!isSpent(call, policy, attempt)) return false;
  if (late !== undefined && (deadLetter === undefined || late.isOver)) return false;
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
