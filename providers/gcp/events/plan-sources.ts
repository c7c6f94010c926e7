/** The steps that look for sources, make them, and let the function and Google's service agents use them. Pure. */
import type { Binding, Step } from 'polyfaas/spi';
import type { Target } from '../model.ts';
import type { MadeSource } from '../record.ts';
import type { PlanContext, Planned, SourceUse } from './context.ts';
import { grantKey, pubsubAgent, ROLE, type GrantNeed } from './grants/need.ts';
import { ownedGrants } from './grants/owned.ts';
import { boundLabels, sourceLabels } from './labels.ts';
import { droppedTopic, shortName } from './names.ts';
import { createdSources } from './source.ts';
import { EVENT_STEP, eventStep } from './steps.ts';

/** The step that makes what all deliveries need; its id is the same for bindings and for asynchronous invocations. */
export const NET_STEP = 'events-net';
const NET_GRANTS = 'events-agent';

/** What the bindings of one plan make: nobody has to have made it before. */
export function madeHere(context: PlanContext, bindings: readonly Binding[]): ReadonlySet<string> {
  return new Set(
    bindings.flatMap((binding) => createdSources(context, binding).map(({ id }) => id)),
  );
}

/** Steps that write nothing, and refuse what is missing or taken. */
export function planChecks(
  { target }: PlanContext,
  dirty: readonly Planned[],
  made: ReadonlySet<string>,
): readonly Step[] {
  return dirty.flatMap(({ binding: { id }, parts }) => {
    const uses = parts.uses.filter((use) => mayBeRefused(use, made));
    if (uses.length === 0) return [];
    return [
      eventStep(target, {
        id: `event-${id}-check`,
        kind: EVENT_STEP.check,
        title: `See that "${id}" can be bound`,
        phase: 'prepare',
        input: { path: `events.${id}`, uses },
      }),
    ];
  });
}

/** What is made can hardly be refused, unless somebody else has it. */
function mayBeRefused({ create, source, consumer }: SourceUse, made: ReadonlySet<string>): boolean {
  if (consumer !== null || source.kind !== 'topic') return true;
  return !create && !made.has(source.id);
}

/** Makes sources, dead-letter queues and topics of the binding's own, and grants. */
export function planSources(context: PlanContext, planned: Planned): readonly Step[] {
  const { target } = context;
  const { binding, parts } = planned;
  const { id } = binding;
  const owned = ownedGrants(context, parts.ownGrants);
  return [
    ...parts.uses.flatMap((use) => sourceStep(target, id, use)),
    ...(parts.ownTopic === null
      ? []
      : [
          topicStep(target, `event-${id}-own`, {
            topic: parts.ownTopic,
            labels: boundLabels(target.ref, { id, kind: binding.event.type }),
            isOwn: true,
          }),
        ]),
    ...grantSteps(
      target,
      `event-${id}-grants`,
      `Grant what "${id}" needs`,
      [...parts.agentGrants, ...owned],
      owned.map((need) => ({ kind: 'grant', id: grantKey(need) })),
    ),
  ];
}

function sourceStep(target: Target, id: string, use: SourceUse): readonly Step[] {
  const { source, create, keepsLetters, field } = use;
  if (!create || source.isNative || source.kind === 'table') return [];
  const labels = sourceLabels(target.ref);
  if (keepsLetters) {
    return [
      eventStep(target, {
        id: `event-${id}-letters`,
        kind: EVENT_STEP.letters,
        title: `Have the dead-letter queue "${source.name}" ready`,
        phase: 'prepare',
        input: { topic: source.id, labels },
        makes: [{ kind: 'deadLetter', id: source.id }],
        locks: [source.id],
      }),
    ];
  }
  if (source.kind === 'bucket') {
    return [
      eventStep(target, {
        id: `event-${id}-source`,
        kind: EVENT_STEP.bucket,
        title: `Have the bucket "${source.name}" ready`,
        phase: 'prepare',
        input: { bucket: source.name, labels, field: `events.${id}.${field}` },
        makes: [{ kind: 'bucket', id: source.id }],
        locks: [source.id],
      }),
    ];
  }
  return [topicStep(target, `event-${id}-source`, { topic: source.id, labels, isOwn: false })];
}

/** A topic, wished for. JSON. */
export interface TopicWish {
  readonly topic: string;
  readonly labels: Readonly<Record<string, string>>;
  /** True for one that may be nobody else's. */
  readonly isOwn: boolean;
}

export function topicStep(target: Target, id: string, wish: TopicWish): Step {
  return eventStep(target, {
    id,
    kind: EVENT_STEP.topic,
    title: `Have the topic "${shortName(wish.topic)}" ready`,
    phase: 'prepare',
    input: { ...wish },
    makes: [{ kind: wish.isOwn ? 'ownTopic' : 'topic', id: wish.topic }],
    locks: [wish.topic],
  });
}

export function grantSteps(
  target: Target,
  id: string,
  title: string,
  grants: readonly GrantNeed[],
  makes: readonly MadeSource[] = [],
): readonly Step[] {
  if (grants.length === 0) return [];
  return [
    eventStep(target, {
      id,
      kind: EVENT_STEP.grants,
      title,
      phase: 'prepare',
      input: { grants },
      makes,
      locks: [...new Set(grants.map(({ resource }) => `policy:${resource}`))].toSorted(),
    }),
  ];
}

/**
 * What all deliveries of Pub/Sub need: the topic that takes what is given up, and that Pub/Sub may put it there and sign
 * pushes as the service account.
 */
export function netSteps(target: Target): readonly Step[] {
  const topic = droppedTopic(target);
  return [
    topicStep(target, NET_STEP, { topic, labels: boundLabels(target.ref), isOwn: true }),
    ...grantSteps(target, NET_GRANTS, 'Let Pub/Sub deliver to the function', [
      { resource: topic, role: ROLE.publisher, member: pubsubAgent(target) },
      ...(target.ownsServiceAccount ? [signingGrant(target)] : []),
    ]),
  ];
}

/** Projects of before April 2021 need it; in others the agent's own role holds it ("Authentication for push"). */
export function signingGrant(target: Target): GrantNeed {
  return {
    resource: `projects/${accountProject(target)}/serviceAccounts/${target.serviceAccount}`,
    role: ROLE.tokenCreator,
    member: pubsubAgent(target),
  };
}

/** The project of a service account is in its address. */
export function accountProject({
  serviceAccount,
  projectId,
}: Pick<Target, 'serviceAccount' | 'projectId'>): string {
  const [, name, domain] =
    /@([^.@]+)(?:\.([^@]+))?\.iam\.gserviceaccount\.com$/.exec(serviceAccount) ?? [];
  if (name === undefined) return /^([^@]+)@appspot\./.exec(serviceAccount)?.[1] ?? projectId;
  // Projects of a domain come the other way round in addresses.
  return domain === undefined ? name : `${domain}:${name}`;
}
