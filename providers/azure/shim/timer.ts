import type { InvocationContext, Timer } from '@azure/functions';
import type { BindingPolicy } from '../manifest.ts';
import type { Instance } from './instance.ts';
import { fieldsOf, timeOf } from './json.ts';
import { report } from './report.ts';

/** Handles one firing of a timer. */
export async function serveTimer(
  instance: Instance,
  { binding }: BindingPolicy,
  timer: Timer,
  context: InvocationContext,
): Promise<void> {
  const { event } = binding;
  if (event.type !== 'schedule') return;
  const time = new Date().toISOString();
  const scheduledTime = dueTime(timer, time);
  const attempt = (context.retryContext?.retryCount ?? 0) + 1;
  const call = {
    kind: 'schedule',
    event: {
      id: `${binding.id}-${scheduledTime}`,
      source: binding.id,
      scheduledTime,
      time,
      data: event.input,
    },
  } as const;
  try {
    await instance.call(call, { requestId: context.invocationId, attempt }, context);
  } catch (thrown) {
    report(instance, 'error', 'A firing failed', thrown, context);
    throw thrown;
  }
}

/**
 * The status that comes with a firing is from before it: its `next` is the occurrence that fires now. Timers that fire
 * more often than once a minute come without one.
 */
function dueTime(timer: Timer, now: string): string {
  const next = fieldsOf(fieldsOf(timer)['scheduleStatus'])['next'];
  const due = typeof next === 'string' && next !== '' ? timeOf(next) : now;
  // A status of another schedule, from before a change, may lie ahead.
  return due > now ? now : due;
}
