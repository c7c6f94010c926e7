import { ServerlessError, type Binding } from 'polyfaas/spi';

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

/** A request can be for one of them only. */
function sameRoutes(bindings: readonly Binding[]): readonly string[] {
  const routes = bindings.flatMap(({ id, event }) =>
    event.type === 'http' && event.enabled
      ? event.methods.map((method) => ({
          id,
          route: `${method} ${event.path.replaceAll(/\{[^}]*?(\+?)\}/g, '{$1}')}`,
          text: `${method} ${event.path}`,
        }))
      : [],
  );
  return repeated(
    routes,
    ({ route }) => route,
    ({ id, text }, other) =>
      `events.${id}: "${text}" matches the same requests as the route of "${other.id}". Give one of the two another method or path, or remove it.`,
  );
}

function repeated<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  problem: (item: Item, first: Item) => string,
): readonly string[] {
  const seen = new Map<string, Item>();
  return items.flatMap((item) => {
    const key = keyOf(item);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, item);
    return first === undefined ? [] : [problem(item, first)];
  });
}
