/** What was made, as the record notes it. */
import type { Target } from '../../model.ts';
import type { FunctionRecord, MadeSource } from '../../record.ts';
import type { PlanContext, Planned } from '../context.ts';
import { grantKey } from '../grants/need.ts';
import { ownedGrants } from '../grants/owned.ts';
import { asyncSubscription, droppedTopic } from '../names.ts';
import { createdSources } from '../source.ts';

const SOURCES: ReadonlySet<MadeSource['kind']> = new Set([
  'topic',
  'bucket',
  'deadLetter',
] as const);

/** What each is called in titles and warnings. */
export const WORDS: Readonly<Record<MadeSource['kind'], string>> = {
  topic: 'topic',
  bucket: 'bucket',
  deadLetter: 'dead-letter queue',
  subscription: 'subscription',
  ownTopic: 'topic',
  job: 'job',
  notification: 'notification to the topic',
  trigger: 'trigger',
  grant: 'grant',
  destination: 'grant',
  secret: 'grant',
};

/** True for what belongs to bindings, or to the function itself; sources stay. */
export function isBound({ kind }: MadeSource): boolean {
  return !SOURCES.has(kind);
}

/** What is made for the function itself, and stays whatever its bindings are. */
export function ownOf(target: Target): readonly MadeSource[] {
  return [
    { kind: 'subscription', id: asyncSubscription(target) },
    { kind: 'ownTopic', id: target.asyncTopic },
    { kind: 'ownTopic', id: droppedTopic(target) },
  ];
}

/** True for what no binding needs. */
export function isOwn(target: Target, one: MadeSource): boolean {
  return one.kind === 'destination' || one.kind === 'secret' || has(ownOf(target), one);
}

/** What is made for one binding alone. */
export function boundBy(context: PlanContext, { parts }: Planned): readonly MadeSource[] {
  const grants = ownedGrants(context, parts.ownGrants).map((need): MadeSource => ({
    kind: 'grant',
    id: grantKey(need),
  }));
  return [...parts.bound, ...grants];
}

/** All that has to be made for a binding. */
export function neededBy(context: PlanContext, planned: Planned): readonly MadeSource[] {
  return [...createdSources(context, planned.binding), ...boundBy(context, planned)];
}

/** True when all that a binding needs was made for it before. Other options lead to other places. */
export function isNoted(record: FunctionRecord, context: PlanContext, planned: Planned): boolean {
  return neededBy(context, planned).every((one) => has(record.made, one));
}

export function has(list: readonly MadeSource[], one: MadeSource): boolean {
  return list.some(({ kind, id }) => kind === one.kind && id === one.id);
}

/** Each thing once, in one order: the record changes only with what it says. */
export function merge(...lists: readonly (readonly MadeSource[])[]): readonly MadeSource[] {
  const all = new Map(lists.flat().map((one) => [`${one.kind} ${one.id}`, one]));
  return [...all].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
