import { type Binding, repeated, sameRoutes, ServerlessError } from 'polyfaas/spi';
import type { PlanContext } from './context.ts';
import { deadLetterOf, sourceOf, tableSource } from './source.ts';

/** Refuses bindings that do not work beside each other. @throws ServerlessError INVALID_ARGUMENT, all at once. */
export function refuseConflicts(context: PlanContext, bindings: readonly Binding[]): void {
  const problems = [
    ...sameQueues(context, bindings),
    ...ownDeadLetters(context, bindings),
    ...sameRoutes(bindings),
    ...otherProjects(context, bindings),
  ];
  if (problems.length === 0) return;
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'gcp',
    function: context.target.ref.name,
    message: problems.join('\n'),
    details: { issues: problems },
  });
}

/** Each message of a queue is for one of its readers. */
function sameQueues(context: PlanContext, bindings: readonly Binding[]): readonly string[] {
  return repeated(
    bindings.filter(({ event }) => event.type === 'queue'),
    ({ event }) => sourceOf(context, event)?.id ?? '',
    ({ id }, other) =>
      `events.${id}: the queue is the one of "${other.id}", and a queue has one consumer. Remove one of the two, or make both topics.`,
  );
}

/** What is given up would come back for ever. */
function ownDeadLetters(context: PlanContext, bindings: readonly Binding[]): readonly string[] {
  return bindings.flatMap(({ id, event }) => {
    const dead = deadLetterOf(context, event);
    if (dead === undefined || dead.id !== sourceOf(context, event)?.id) return [];
    return [
      `events.${id}.deadLetter: "${dead.name}" is the ${event.type} itself, so a failed message would never leave it. Name another queue.`,
    ];
  });
}

/** Eventarc delivers changes of databases of its own project. */
function otherProjects(context: PlanContext, bindings: readonly Binding[]): readonly string[] {
  return bindings.flatMap(({ id, event }) => {
    if (event.type !== 'table') return [];
    const { projectId } = tableSource(context, event.table);
    if (projectId === context.projectId) return [];
    return [
      `events.${id}.table: "${event.table}" is in project "${projectId}", and Eventarc tells a function of project "${context.projectId}" only of what is in that one. Name a table there, or deploy the function to "${projectId}".`,
    ];
  });
}
