/** What was made, as the record notes it. */
import type { FunctionRecord, MadeSource } from '../../record.ts';
import { idKey } from '../arm-id.ts';
import type { BindingParts, PlanContext } from '../context.ts';
import type { Planned } from '../host-settings.ts';
import { roleKey } from '../roles.ts';
import { createdSources } from '../source.ts';

const BOUND: ReadonlySet<MadeSource['kind']> = new Set([
  'subscription',
  'consumerGroup',
  'ownQueue',
  'leases',
  'systemTopic',
  'eventSubscription',
  'role',
  'destination',
] as const);

/** True for what belongs to bindings and goes with the last of them; sources stay. */
export function isBound({ kind }: MadeSource): boolean {
  return BOUND.has(kind);
}

/** True for what is noted of a role that the function's identity has. */
export function isRole(kind: MadeSource['kind']): boolean {
  return kind === 'role' || kind === 'destination';
}

/** What is made for a binding alone. */
export function boundBy(parts: BindingParts, givesRoles: boolean): readonly MadeSource[] {
  const roles = givesRoles
    ? parts.roles.map((need): MadeSource => ({ kind: 'role', id: roleKey(need) }))
    : [];
  return [...parts.bound, ...roles];
}

/** True when all that a binding needs was made for it before. Other options lead to other places. */
export function isNoted(
  record: FunctionRecord,
  context: PlanContext,
  { binding, parts }: Planned,
  givesRoles: boolean,
): boolean {
  const wanted = [...createdSources(context, binding), ...boundBy(parts, givesRoles)];
  return merge(record.made, wanted).length === merge(record.made).length;
}

/** Each thing once, in one order: the record changes only with what it says. */
export function merge(...lists: readonly (readonly MadeSource[])[]): readonly MadeSource[] {
  const all = new Map<string, MadeSource>();
  for (const one of lists.flat()) {
    const key = `${one.kind} ${idKey(one.id)}`;
    if (!all.has(key)) all.set(key, one);
  }
  return [...all].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
