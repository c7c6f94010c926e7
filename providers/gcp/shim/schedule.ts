/** Firings of Cloud Scheduler jobs. */
import { timeOf } from 'polyfaas/function';
import { OverdueError } from 'polyfaas/http';
import type { BindingPolicy } from '../manifest.ts';
import { AGAIN, type Answer, DONE, TOO_SLOW } from './answer.ts';
import type { Instance } from './instance.ts';

export async function serveSchedule(
  instance: Instance,
  { binding }: BindingPolicy,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const { event } = binding;
  if (event.type !== 'schedule') return DONE;
  const time = new Date().toISOString();
  // Cloud Scheduler tells when it was due ("HTTP target headers").
  const scheduledTime = timeOf(headers['x-cloudscheduler-scheduletime'] ?? time);
  const id = `${binding.id}-${scheduledTime}`;
  const call = {
    kind: 'schedule',
    event: { id, source: binding.id, scheduledTime, time, data: event.input },
  } as const;
  try {
    await instance.call(call, { requestId: id });
    return DONE;
  } catch (thrown) {
    instance.sink.report('error', 'A firing failed', thrown, id);
    return thrown instanceof OverdueError ? TOO_SLOW : AGAIN;
  }
}
