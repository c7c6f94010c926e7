/** `[event_driven_serverless]`: handlers become functions that listen to a bus. */
import { Fields, type Notes, given, isTable, listOf } from './fields.ts';
import type { TskTable, TskValue } from './parse.ts';
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
  const events = fields.takeTable(
    '{ order_created = { source = "...", targets = ["..."] } }',
    'events',
  );
  const handlers = fields.takeTable('{ welcome_email = { function = "..." } }', 'handlers');
  fields.ignoreRest();
  const subscriptions = readSubscriptions(events ?? {}, notes);
  const functions: Record<string, unknown> = {};
  for (const [name, written] of Object.entries(handlers ?? {})) {
    const path = `event_driven_serverless.handlers.${name}`;
    if (!isTable(written)) {
      notes.addWrongKind(path, written, `Write ${name} = { function = "..." }.`);
      continue;
    }
    const handler = new Fields(written, path, notes);
    const retry = retryPolicy(handler);
    const found = subscriptions.get(nameKey(name)) ?? [];
    subscriptions.delete(nameKey(name));
    if (found.length === 0) {
      notes.add('other', path, 'no event has it as a target, so it is only ever invoked directly.');
    }
    const mapped = mapFunction(handler.rest(), path, {}, notes, world);
    const ownEvents: readonly unknown[] = Array.isArray(mapped['events']) ? mapped['events'] : [];
    const busEvents = found.map(({ id, pattern }) =>
      given({
        type: 'bus',
        id,
        bus,
        pattern,
        retry,
        deadLetter,
        enabled: enabled === false ? false : undefined,
      }),
    );
    functions[name] = { ...mapped, events: [...ownEvents, ...busEvents] };
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
    const path = `event_driven_serverless.events.${name}`;
    if (!isTable(written)) {
      notes.addWrongKind(path, written, `Write ${name} = { source = "...", targets = ["..."] }.`);
      continue;
    }
    const fields = new Fields(written, path, notes);
    const pattern = busPattern(fields.take('source'), fields.take('detail_type', 'detailType'));
    const targets = readTargets(listOf(fields.take('targets', 'target')), path, notes);
    fields.ignoreRest();
    for (const target of targets) {
      const known = byTarget.get(nameKey(target)) ?? [];
      byTarget.set(nameKey(target), [...known, { id: `bus-${nameKey(name)}`, pattern }]);
    }
  }
  return byTarget;
}

function readTargets(written: readonly TskValue[], path: string, notes: Notes): readonly string[] {
  const instead = 'Write targets = ["..."], the names of handlers.';
  if (written.length === 0) {
    notes.add('ignored', path, `names no targets, so it has no effect. ${instead}`);
  }
  return written.flatMap((target) => {
    if (typeof target === 'string') return [target];
    notes.addWrongKind(`${path}.targets`, target, instead);
    return [];
  });
}

/** Targets are written `welcome-email`, handlers `welcome_email`. */
function nameKey(name: string): string {
  return name.replaceAll('_', '-');
}
