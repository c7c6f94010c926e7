import { type Binding, repeated, sameRoutes, ServerlessError } from 'polyfaas/spi';
import { bindingSetting } from '../manifest.ts';
import { idKey } from './arm-id.ts';
import type { PlanContext } from './context.ts';
import { deadLetterOf, sourceOf } from './source.ts';

/** Refuses bindings that do not work beside each other. @throws ServerlessError INVALID_ARGUMENT, all at once. */
export function refuseConflicts(context: PlanContext, bindings: readonly Binding[]): void {
  const problems = [
    ...sameIds(bindings),
    ...sameSources(context, bindings),
    ...ownDeadLetters(context, bindings),
    ...sameRoutes(bindings),
    ...differentStarts(bindings),
  ];
  if (problems.length === 0) return;
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'azure',
    function: context.target.ref.name,
    message: problems.join('\n'),
    details: { issues: problems },
  });
}

/** Names of functions and settings do not mind the case. */
function sameIds(bindings: readonly Binding[]): readonly string[] {
  return repeated(
    bindings,
    ({ id }) => bindingSetting(id, ''),
    ({ id }, other) =>
      `events.${id}: the ids "${id}" and "${other.id}" differ only in case, "-" and "_", which names on Azure do not tell apart. Give one of the two another id.`,
  );
}

/** Two readers of one queue or change feed would share its messages. */
function sameSources(context: PlanContext, bindings: readonly Binding[]): readonly string[] {
  const readers = bindings.filter(({ event }) => event.type === 'queue' || event.type === 'table');
  return repeated(
    readers,
    ({ event }) => idKey(sourceOf(context, event)?.id ?? ''),
    ({ id, event }, other) =>
      `events.${id}: the ${event.type} is the one of "${other.id}", and each message would reach one of the two only. Remove one of them, or give the second to another function.`,
  );
}

/** A name and an id can lead to one queue. */
function ownDeadLetters(context: PlanContext, bindings: readonly Binding[]): readonly string[] {
  return bindings.flatMap(({ id, event }) => {
    if (event.type !== 'queue') return [];
    const dead = deadLetterOf(context, event);
    if (dead === undefined || idKey(dead.id) !== idKey(sourceOf(context, event)?.id ?? ''))
      return [];
    return [
      `events.${id}.deadLetter: "${event.deadLetter}" is the queue itself, so a failed message would never leave it. Name another queue.`,
    ];
  });
}

/** Where a new reader begins is one setting for all streams of a function (host.json, `initialOffsetOptions`). */
function differentStarts(bindings: readonly Binding[]): readonly string[] {
  const streams = bindings.flatMap(({ id, event }) =>
    event.type === 'stream' && event.enabled ? [{ id, from: event.from }] : [],
  );
  const [first] = streams;
  return streams.flatMap(({ id, from }) =>
    first === undefined || from === first.from
      ? []
      : [
          `events.${id}.from: "${from}" cannot go with "${first.from}" of "${first.id}": on Azure all streams of one function begin alike. Give both the same "from", or bind one of the streams to another function.`,
        ],
  );
}
