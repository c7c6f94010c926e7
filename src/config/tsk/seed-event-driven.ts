/** `[event_driven_serverless]`: handlers become functions that listen to a bus. */
import { Fields, type Notes, given, isTable, listOf } from './fields.ts';
import type { TskTable } from './parse.ts';
import { busPattern, retryPolicy } from './seed-events.ts';
import { type MapWorld, mapFunction } from './seed-functions.ts';

interface Subscription {
  readonly id: string;
  readonly pattern: Record<string, unknown>;
}

/** @returns functions by name. */
export function mapEventDriven(
  section: TskTable,
  notes: Notes,
  world: MapWorld,
): Record<string, unknown> {
  const fields = new Fields(section, 'event_driven_serverless', notes);
  const enabled = fields.take('enabled');
  const bus = fields.take('event_bus');
  const deadLetter = fields.take('dead_letter_queue');
  const events = fields.take('events');
  const handlers = fields.take('handlers');
  fields.ignoreRest();
  const subscriptions = readSubscriptions(isTable(events) ? events : {}, notes);
  const functions: Record<string, unknown> = {};
  for (const [name, written] of Object.entries(isTable(handlers) ? handlers : {})) {
    if (!isTable(written)) continue;
    const path = `event_driven_serverless.handlers.${name}`;
    const handler = new Fields(written, path, notes);
    const retry = retryPolicy(handler);
    const found = subscriptions.get(nameKey(name)) ?? [];
    subscriptions.delete(nameKey(name));
    if (found.length === 0) {
      notes.add('other', path, 'no event has it as a target, so it is only ever invoked directly.');
    }
    functions[name] = {
      ...mapFunction(handler.rest(), path, {}, notes, world),
      events: found.map(({ id, pattern }) =>
        given({
          type: 'bus',
          id,
          bus,
          pattern,
          retry,
          deadLetter,
          enabled: enabled === false ? false : undefined,
        }),
      ),
    };
  }
  for (const [target, orphans] of subscriptions) {
    const names = orphans.map(({ id }) => id).join(', ');
    notes.add(
      'ignored',
      'event_driven_serverless.events',
      `the target "${target}" (of ${names}) is no handler. Add it under handlers, or remove it.`,
    );
  }
  return functions;
}

/** The subscriptions of each target, by the target's name. */
function readSubscriptions(events: TskTable, notes: Notes): Map<string, Subscription[]> {
  const byTarget = new Map<string, Subscription[]>();
  for (const [name, written] of Object.entries(events)) {
    if (!isTable(written)) continue;
    const fields = new Fields(written, `event_driven_serverless.events.${name}`, notes);
    const pattern = busPattern(fields.take('source'), fields.take('detail_type', 'detailType'));
    const targets = listOf(fields.take('targets', 'target'));
    fields.ignoreRest();
    for (const target of targets) {
      if (typeof target !== 'string') continue;
      const known = byTarget.get(nameKey(target)) ?? [];
      byTarget.set(nameKey(target), [...known, { id: `bus-${nameKey(name)}`, pattern }]);
    }
  }
  return byTarget;
}

/** Targets are written `welcome-email`, handlers `welcome_email`. */
function nameKey(name: string): string {
  return name.replaceAll('_', '-');
}
