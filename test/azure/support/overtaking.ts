/** Two processes that change the events of one function: the second one does all of its work between two calls of the first. */
import type { EventSpec } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import { ended, withEvents, type Ending, type Part } from '../../support/two-processes.ts';
import type { Stage } from './stage.ts';

/** One of each kind for which Azure keeps something that takes events in, whether the function reads them or not. */
export const EVENTS = {
  bus: { type: 'bus', id: 'x', bus: 'met', pattern: { source: ['shop'] }, create: true },
  object: { type: 'object', id: 'x', bucket: 'met-files', create: true },
  topic: { type: 'topic', id: 'x', topic: 'met', create: true },
} as const satisfies Readonly<Record<string, EventSpec>>;

export function managed(stage: Stage, { main }: Pick<Part, 'main'>): Promise<ServerlessManager> {
  // Whoever waits for the other one is not given up.
  return stage.manager({
    functions: { main },
    limits: { attemptTimeoutSeconds: 600, maxAttempts: 4 },
  });
}

export interface Met {
  readonly first: Ending;
  /** Undefined when the first took less calls this time. */
  readonly second: Ending | undefined;
}

/** On a function without events, the second works right before that call of the first. */
export async function meet(stage: Stage, first: Part, second: Part, call: number): Promise<Met> {
  await (await managed(stage, { main: withEvents() })).deploy('main');
  const [ours, theirs] = [await managed(stage, first), await managed(stage, second)];
  let met: Ending | undefined;
  stage.fake.faults.interrupt({
    call,
    async work() {
      met = await ended(second.work(theirs));
    },
  });
  const own = await ended(first.work(ours));
  stage.fake.faults.disarm();
  await stage.fake.settle();
  return { first: own, second: met };
}

export async function clear(stage: Stage): Promise<void> {
  await (await managed(stage, { main: withEvents() })).remove('main');
  await stage.fake.settle();
}

/** What takes events in for the function. */
export function subscriptionsOf(stage: Stage): readonly string[] {
  const kinds = /^(?:event-grid eventSubscription|service bus subscription) /;
  return stage.fake.inventory().filter((line) => kinds.test(line));
}
