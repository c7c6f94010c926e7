/** The steps that look for sources, make them, and let the function's identity use them. Pure. */
import type { Step } from 'polyfaas/spi';
import { idKey } from './arm-id.ts';
import type { PlanContext, SourceUse } from './context.ts';
import type { Planned } from './host-settings.ts';
import { SHARED_DATABASE, type SharedHost, type SharedService } from './shared.ts';
import { eventStep } from './steps.ts';

const HOST_WORDS: Readonly<Record<SharedService, string>> = {
  storage: 'storage account',
  serviceBus: 'Service Bus namespace',
  eventHubs: 'Event Hubs namespace',
  cosmos: 'Cosmos DB account',
};

/** Accounts of Cosmos DB take up to some minutes. */
const HOST_SECONDS = 1800;

/** Steps that write nothing, and refuse what is missing or does not fit. */
export function planChecks({ target }: PlanContext, dirty: readonly Planned[]): readonly Step[] {
  return dirty.flatMap(({ binding: { id }, parts }) => {
    const uses = parts.uses.filter(mayBeRefused);
    if (uses.length === 0) return [];
    return [
      eventStep(target, {
        id: `event-${id}-check`,
        kind: 'check-sources',
        title: `See that "${id}" can be bound`,
        phase: 'prepare',
        input: { bindingId: id, uses },
      }),
    ];
  });
}

/** What is made in a host of ours can hardly be refused; a queue of Service Bus may be there, and set otherwise. */
function mayBeRefused({ create, source, deliveries }: SourceUse): boolean {
  if (!create || (source.shared === null && source.kind !== 'bus')) return true;
  return source.service === 'serviceBus' && deliveries !== undefined;
}

/** Each host once, before what is made in it. */
export function planHosts(context: PlanContext, dirty: readonly Planned[]): readonly Step[] {
  return [...hostsOf(dirty).values()].flatMap((host) => hostSteps(context, host));
}

/** The hosts that may have to be made. */
export function hostsOf(planned: readonly Planned[]): ReadonlyMap<SharedService, SharedHost> {
  const hosts = new Map<SharedService, SharedHost>();
  for (const { create, source } of planned.flatMap(({ parts }) => parts.uses)) {
    if (create && source.shared !== null) hosts.set(source.shared.service, source.shared);
  }
  return hosts;
}

function hostSteps({ target }: PlanContext, host: SharedHost): readonly Step[] {
  const parts = {
    phase: 'prepare',
    locks: [`host:${idKey(host.id)}`],
    deadlineSeconds: HOST_SECONDS,
  } as const;
  return [
    eventStep(target, {
      ...parts,
      id: `host-${host.service.toLowerCase()}`,
      kind: 'ensure-host',
      title: `Have the ${HOST_WORDS[host.service]} "${host.name}" ready`,
      input: { host },
    }),
    ...(host.service === 'cosmos'
      ? [
          eventStep(target, {
            ...parts,
            id: 'host-database',
            kind: 'ensure-database',
            title: `Have the database "${SHARED_DATABASE}" ready`,
            input: { accountId: host.id, database: SHARED_DATABASE },
          }),
        ]
      : []),
  ];
}

/** Makes the sources that are to be made; a dead-letter queue comes before what sends to it. */
export function planSources(
  { target }: PlanContext,
  { binding: { id }, parts }: Planned,
): readonly Step[] {
  return parts.uses
    .filter(({ create, source }) => create && !source.isNative)
    .map((use) =>
      eventStep(target, {
        id: `event-${id}-${use.field === 'deadLetter' ? 'dead' : 'source'}`,
        kind: 'ensure-source',
        title: `Have the ${use.source.kind} "${use.source.name}" ready`,
        phase: 'prepare',
        input: { bindingId: id, use },
        locks: [`source:${idKey(use.source.id)}`],
        deadlineSeconds: HOST_SECONDS,
      }),
    );
}

/** Lets the function's identity use what the binding uses. */
export function planRoles(
  { target }: PlanContext,
  { binding: { id }, parts }: Planned,
): readonly Step[] {
  if (parts.roles.length === 0) return [];
  return [
    eventStep(target, {
      id: `event-${id}-roles`,
      kind: 'allow-sources',
      title: `Let the function use the sources of "${id}"`,
      phase: 'prepare',
      input: { target, roles: parts.roles },
    }),
  ];
}
