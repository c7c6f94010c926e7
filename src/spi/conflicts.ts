import type { Binding } from './bindings.ts';

/**
 * Says what is wrong with everything whose key something before it has.
 *
 * @param problem what to say of an item, and of the first of its key.
 */
export function repeated<Item>(
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

/** What is wrong with routes that match the same requests: one can be for one binding only. Names of parts do not count. */
export function sameRoutes(bindings: readonly Binding[]): readonly string[] {
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
