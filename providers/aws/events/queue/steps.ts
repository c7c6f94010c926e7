import type { Step } from 'polyfaas/spi';
import type { Target } from '../../model.ts';
import { eventStep } from '../steps.ts';
import type { QueueWish } from './wish.ts';

/** The step that makes a queue, or finds it and sees that it fits. */
export function ensureQueueStep(
  target: Target,
  parts: { readonly id: string; readonly title: string; readonly queue: QueueWish },
): Step {
  return eventStep(target, {
    id: parts.id,
    kind: 'ensure-queue',
    title: parts.title,
    input: { queue: parts.queue },
    locks: [`queue:${parts.queue.queue}`],
  });
}
