import { type Binding, repeated, sameRoutes, ServerlessError } from 'polyfaas/spi';

/** Refuses bindings that do not work beside each other. @throws ServerlessError INVALID_ARGUMENT, all at once. */
export function refuseConflicts(functionName: string, bindings: readonly Binding[]): void {
  const problems = [...sameQueues(bindings), ...sameRoutes(bindings)].map(
    (problem) => `functions.${functionName}.${problem}`,
  );
  if (problems.length === 0) return;
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'vercel',
    function: functionName,
    message: problems.join('\n'),
    details: { issues: problems },
  });
}

/** Each binding is a consumer group, and every group gets every message: that is a topic, and no queue. */
function sameQueues(bindings: readonly Binding[]): readonly string[] {
  const queues = bindings.flatMap(({ id, event }) =>
    event.type === 'queue' && event.enabled ? [{ id, queue: event.queue }] : [],
  );
  return repeated(
    queues,
    ({ queue }) => queue,
    ({ id, queue }, other) =>
      `events.${id}: the queue "${queue}" is the one of "${other.id}", and a queue has one consumer. Remove one of the two, or make both topics.`,
  );
}
