/** What tests of two processes that change the events of one function know of Google Cloud. */
import { expect } from 'vitest';
import type { EventSpec } from 'polyfaas';
import { clear, managed } from '../../support/overtaking.ts';
import { withEvents, type Part } from '../../support/two-processes.ts';
import type { Stage } from './stage.ts';

/** One of each kind of what calls a function: subscription, job, notification, trigger. */
export const EVENTS = {
  queue: { type: 'queue', id: 'x', queue: 'met-work', create: true, deadLetter: 'met-dead' },
  schedule: { type: 'schedule', id: 'x', every: '5 minutes' },
  object: { type: 'object', id: 'x', bucket: 'met-files', create: true },
  table: { type: 'table', id: 'x', table: 'met-rows' },
} as const satisfies Readonly<Record<string, EventSpec>>;

/** How many calls the first takes when nobody meets it. */
export async function callsOf(stage: Stage, first: Part): Promise<number> {
  await (await managed(stage, { main: withEvents() })).deploy('main');
  const manager = await managed(stage, first);
  const calls = await stage.fake.faults.count(() => first.work(manager));
  await clear(stage);
  return calls;
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
