/** What tests of two processes that change the events of one function know of Azure. */
import type { EventSpec } from 'polyfaas';
import type { Stage } from './stage.ts';

/** One of each kind for which Azure keeps something that takes events in, whether the function reads them or not. */
export const EVENTS = {
  bus: { type: 'bus', id: 'x', bus: 'met', pattern: { source: ['shop'] }, create: true },
  object: { type: 'object', id: 'x', bucket: 'met-files', create: true },
  topic: { type: 'topic', id: 'x', topic: 'met', create: true },
} as const satisfies Readonly<Record<string, EventSpec>>;

/** What takes events in for the function. */
export function subscriptionsOf(stage: Stage): readonly string[] {
  const kinds = /^(?:event-grid eventSubscription|service bus subscription) /;
  return stage.fake.inventory().filter((line) => kinds.test(line));
}
