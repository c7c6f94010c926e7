/** Takes away what is needed no more. Pure. */
import type { Step } from 'polyfaas/spi';
import type { Target } from '../../model.ts';
import { nameOfId } from '../../names.ts';
import type { MadeSource } from '../../record.ts';
import { idKey } from '../arm-id.ts';
import type { PlanContext } from '../context.ts';
import { partsOf } from '../kinds.ts';
import { parseRoleKey, type RoleNeed } from '../roles.ts';
import { assignsRoles, eventSettings } from '../settings.ts';
import { createdSources, deadLetterOf, sourceOf } from '../source.ts';
import { eventStep } from '../steps.ts';
import type { BindingWish } from '../types.ts';
import { boundBy, isBound, isRole, merge } from './list.ts';

/** What delivers goes before what it delivers to. */
const ORDER: readonly MadeSource['kind'][] = [
  'eventSubscription',
  'subscription',
  'consumerGroup',
  'leases',
  'ownQueue',
  'systemTopic',
];

const WORDS: Readonly<Record<MadeSource['kind'], string>> = {
  queue: 'queue',
  topic: 'topic',
  container: 'container',
  hub: 'stream',
  table: 'table',
  bus: 'bus',
  subscription: 'subscription',
  consumerGroup: 'consumer group',
  ownQueue: 'queue of events',
  leases: 'leases',
  systemTopic: 'system topic, unless others use it',
  eventSubscription: 'event subscription',
  role: 'role',
  destination: 'destination',
};

/** The steps that delete what belonged to bindings: roles first, while what they were given on is there. */
export function planRetirement(target: Target, retired: readonly MadeSource[]): readonly Step[] {
  const roles = retired.flatMap(({ kind, id }): RoleNeed[] => {
    const need = isRole(kind) ? parseRoleKey(id) : undefined;
    return need === undefined ? [] : [need];
  });
  const others = ORDER.flatMap((kind) => retired.filter((one) => one.kind === kind));
  return [
    ...(roles.length === 0
      ? []
      : [
          eventStep(target, {
            id: 'events-disallow',
            kind: 'disallow-sources',
            title: 'Take away the roles on sources that are read no more',
            phase: 'retire',
            input: { target, roles },
          }),
        ]),
    ...others.map((made, index) =>
      eventStep(target, {
        id: `events-retire-${index}`,
        kind: 'delete-bound',
        title: `Delete the ${WORDS[made.kind]} "${nameOfId(made.id)}"`,
        phase: 'retire',
        input: { made },
        locks: [made.kind === 'systemTopic' ? `system-topic:${idKey(made.id)}` : idKey(made.id)],
      }),
    ),
  ];
}

/**
 * What takes away all that the bindings of a function needed, and then the sources that were made for it. It belongs
 * before the deletion of the function app, its identity and its storage account. `principalId` may be empty when the
 * identity is gone.
 */
export function planEventRemoval(
  wish: Pick<BindingWish, 'target' | 'platform' | 'record'>,
): readonly Step[] {
  const { target, platform, record } = wish;
  const context: PlanContext = {
    target,
    place: target,
    settings: eventSettings(platform, target),
  };
  const gives = assignsRoles(target);
  const all = merge(
    record.made,
    record.bindings.flatMap((binding) => [
      ...createdSources(context, binding),
      ...boundBy(partsOf(context, binding), gives),
    ]),
  );
  const dead = new Set(
    record.bindings.flatMap(({ event }) => {
      const queue = deadLetterOf(context, event);
      return queue === undefined ? [] : [idKey(queue.id)];
    }),
  );
  const read = new Set(
    record.bindings.map(({ event }) => idKey(sourceOf(context, event)?.id ?? '')),
  );
  const isDead = ({ id }: MadeSource): boolean => dead.has(idKey(id)) && !read.has(idKey(id));
  const sources = all.filter((one) => !isBound(one));
  const ordered = [...sources.filter((one) => !isDead(one)), ...sources.filter(isDead)];
  return [
    ...planRetirement(target, all.filter(isBound)),
    ...ordered.map((source, index) =>
      eventStep(target, {
        id: `source-${index}-delete`,
        kind: 'delete-source',
        title: `Delete the ${WORDS[source.kind]} "${nameOfId(source.id)}"`,
        phase: 'retire',
        input: { source, options: sourceOptions(platform) },
        locks: [idKey(source.id)],
      }),
    ),
  ];
}

/** What the options say of sources, without the rest, which is no part of a plan. */
function sourceOptions({
  queues,
  storageAccountForEvents,
  serviceBusNamespace,
  eventHubsNamespace,
  cosmosAccount,
  cosmosDatabase,
  eventGridTopics,
}: BindingWish['platform']): object {
  return {
    queues,
    storageAccountForEvents,
    serviceBusNamespace,
    eventHubsNamespace,
    cosmosAccount,
    cosmosDatabase,
    eventGridTopics,
  };
}
