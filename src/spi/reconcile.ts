import type { JsonObject } from '../function/json.types.ts';
import type { Binding } from './bindings.ts';
import { sameJson } from './digest.ts';
import type { Change } from './plan.ts';
import { jsonObject } from './results.ts';

/** What turns the bindings that are into those that should be. */
export interface BindingChanges {
  readonly add: readonly Binding[];
  readonly change: readonly { readonly from: Binding; readonly to: Binding }[];
  readonly remove: readonly Binding[];
  /** All that will be there in the end, sorted by id. */
  readonly result: readonly Binding[];
}

/**
 * Compares bindings. One of origin `spec` that the wish lacks is removed; one of origin `api` stays unless
 * `prune`; a wish takes over a namesake of either origin.
 */
export function reconcileBindings(
  wish: readonly Binding[],
  observed: readonly Binding[],
  options: { readonly prune: boolean },
): BindingChanges {
  const wanted = new Map(wish.map((binding) => [binding.id, binding]));
  const present = new Map(observed.map((binding) => [binding.id, binding]));
  const add: Binding[] = [];
  const change: { from: Binding; to: Binding }[] = [];
  const remove: Binding[] = [];
  const result = new Map<string, Binding>();
  for (const to of wish) {
    const from = present.get(to.id);
    if (!from) add.push(to);
    else if (!sameJson(from, to)) change.push({ from, to });
    result.set(to.id, to);
  }
  for (const binding of observed) {
    if (wanted.has(binding.id)) continue;
    if (binding.origin === 'spec' || options.prune) remove.push(binding);
    else result.set(binding.id, binding);
  }
  const byId = (a: Binding, b: Binding): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
  return { add, change, remove, result: [...result.values()].toSorted(byId) };
}

/**
 * The same for people, in the order in which they are written: what is made, what is changed, what goes. One that is
 * changed comes with those of its event's fields that differ.
 */
export function bindingChanges({
  add,
  change,
  remove,
}: Pick<BindingChanges, 'add' | 'change' | 'remove'>): readonly Change[] {
  return [
    ...add.map((to) => bindingChange(undefined, to)),
    ...change.map(({ from, to }) => bindingChange(from, to)),
    ...remove.map(({ id }): Change => ({ action: 'delete', subject: `binding ${id}` })),
  ];
}

/** The same of one. @param from undefined for one that is new. */
export function bindingChange(from: Binding | undefined, to: Binding): Change {
  const subject = `binding ${to.id}`;
  if (!from) return { action: 'create', subject };
  return { action: 'update', subject, ...differing(told(from), told(to)) };
}

function told({ event, origin }: Binding): JsonObject {
  return jsonObject({ ...event, origin });
}

function differing(before: JsonObject, after: JsonObject): Pick<Change, 'from' | 'to'> {
  const part = (of: JsonObject, other: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(of).filter(([name, value]) => !sameJson(value, other[name])));
  // The same is written again where an earlier attempt may have ended half way.
  return sameJson(before, after) ? {} : { from: part(before, after), to: part(after, before) };
}
