/** Two processes that change the events of one function: the second one does all of its work between two calls of the first. */
import { expect } from 'vitest';
import type { EventSpec, FunctionSpec } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import { ended, withEvents, type Ending, type Part } from '../../support/two-processes.ts';
import type { Stage } from './stage.ts';

/** One of each kind of what calls a function: subscription, job, notification, trigger. */
export const EVENTS = {
  queue: { type: 'queue', id: 'x', queue: 'met-work', create: true, deadLetter: 'met-dead' },
  schedule: { type: 'schedule', id: 'x', every: '5 minutes' },
  object: { type: 'object', id: 'x', bucket: 'met-files', create: true },
  table: { type: 'table', id: 'x', table: 'met-rows' },
} as const satisfies Readonly<Record<string, EventSpec>>;

export function managed(stage: Stage, { main }: Pick<Part, 'main'>): Promise<ServerlessManager> {
  // Whoever waits for the other one is not given up.
  return stage.manager({
    functions: { main },
    limits: { attemptTimeoutSeconds: 600, maxAttempts: 4 },
  });
}

/** How many calls the first takes when nobody meets it. */
export async function callsOf(stage: Stage, first: Part): Promise<number> {
  await (await managed(stage, { main: withEvents() })).deploy('main');
  const manager = await managed(stage, first);
  const calls = await stage.fake.faults.count(() => first.work(manager));
  await clear(stage);
  return calls;
}

export interface Met {
  readonly first: Ending;
  /** Undefined when the first took less calls this time. */
  readonly second: Ending | undefined;
}

/** On a function without events, the second works right before that call of the first. */
export async function meet(
  stage: Stage,
  first: Part,
  second: Part,
  call: number,
  before: FunctionSpec = withEvents(),
): Promise<Met> {
  await (await managed(stage, { main: before })).deploy('main');
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

/** What calls the function because of its events. */
export function callersOf(stage: Stage): readonly string[] {
  const kinds = /^(?:subscription \S+-x-|scheduler job|eventarc trigger|bucket \S+ notification)/;
  return (
    stage.fake
      .inventory()
      .filter((line) => kinds.test(line))
      // Notifications, and what Eventarc makes of a trigger, have numbers: others each time.
      .map((line) => line.replace(/(?<=notification |-sub-)\d+$/, 'N'))
  );
}

/** Nobody calls the function but for the events that it has; and with it, all goes. */
export async function expectNothingUnknown(
  stage: Stage,
  callers: readonly string[],
  clean: readonly string[],
): Promise<void> {
  const manager = await managed(stage, { main: withEvents() });
  const { bindings = [] } = (await manager.describe('main')) ?? {};
  expect(callersOf(stage)).toEqual(bindings.length === 0 ? [] : callers);
  await clear(stage);
  expect(stage.fake.inventory()).toEqual(clean);
}
