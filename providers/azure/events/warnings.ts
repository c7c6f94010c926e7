import type { Warning } from 'polyfaas/spi';
import type { FunctionRecord, MadeSource } from '../record.ts';
import { idKey } from './arm-id.ts';
import { asksForDelays } from './check/issues.ts';
import type { PlanContext } from './context.ts';
import { commonWindow, enabledStreams, type Planned } from './host-settings.ts';
import { hostsOf } from './plan-sources.ts';
import { ROLE } from './roles.ts';
import type { SharedService } from './shared.ts';

/** What hosts cost that do nothing (prices of East US, rounded; Cosmos DB and storage cost by what is used). */
const COSTS: Readonly<Partial<Record<SharedService, string>>> = {
  serviceBus:
    'a Service Bus namespace (Standard), about 10 USD a month whether or not it is used. To share one, name it in providerOptions.azure.serviceBusNamespace.',
  eventHubs:
    'an Event Hubs namespace (Standard, one throughput unit), about 22 USD a month whether or not it is used. To share one, name it in providerOptions.azure.eventHubsNamespace.',
  cosmos:
    'an account of Cosmos DB (serverless), which costs by request and by what is stored. To share one, name it in providerOptions.azure.cosmosAccount.',
};

const ROLE_NAMES: Readonly<Record<string, string>> = {
  [ROLE.queueContributor]: 'Storage Queue Data Contributor',
  [ROLE.serviceBusReceiver]: 'Azure Service Bus Data Receiver',
  [ROLE.serviceBusSender]: 'Azure Service Bus Data Sender',
  [ROLE.eventHubsReceiver]: 'Azure Event Hubs Data Receiver',
  [ROLE.cosmosReader]: 'Cosmos DB Built-in Data Reader',
  [ROLE.cosmosContributor]: 'Cosmos DB Built-in Data Contributor',
};

/** What people should know of a plan, besides what its declarations say by themselves. */
export function planWarnings(
  context: PlanContext,
  {
    planned,
    dirty,
    lost,
  }: {
    readonly planned: readonly Planned[];
    readonly dirty: readonly Planned[];
    /** What somebody deleted. */
    readonly lost: readonly MadeSource[];
  },
  record: FunctionRecord,
  givesRoles: boolean,
): readonly Warning[] {
  return [
    ...costs(context, dirty, record),
    ...(givesRoles ? [] : ownRoles(dirty)),
    ...windows(planned, dirty),
    ...delays(dirty),
    ...throughput(dirty),
    ...lostLeases(dirty, lost),
  ];
}

function costs(
  { target }: PlanContext,
  dirty: readonly Planned[],
  { made }: FunctionRecord,
): readonly Warning[] {
  return [...hostsOf(dirty).values()].flatMap(({ service, id }): Warning[] => {
    const cost = COSTS[service];
    const isThere = made.some((one) => idKey(one.id).startsWith(`${idKey(id)}/`));
    if (cost === undefined || isThere) return [];
    const { app, stage } = target.ref;
    const message = `Unless it is there already, app "${app}", stage "${stage}" gets ${cost}`;
    return [{ type: 'other', message }];
  });
}

/** An identity of the user's gets no roles by itself. */
function ownRoles(dirty: readonly Planned[]): readonly Warning[] {
  return dirty.flatMap(({ binding: { id }, parts }): Warning[] =>
    parts.roles.length === 0
      ? []
      : [
          {
            type: 'other',
            field: `events.${id}`,
            message: `The identity is your own, and its roles are not changed. It needs ${parts.roles
              .map(({ roleId, scope }) => `"${ROLE_NAMES[roleId]}" on ${scope}`)
              .join(', ')}.`,
          },
        ],
  );
}

/** Where a queue is tells whether delays can be kept, and the options tell where it is. */
function delays(dirty: readonly Planned[]): readonly Warning[] {
  return dirty.flatMap(({ binding: { id, event }, parts }): Warning[] =>
    event.type === 'queue' && parts.again === null && asksForDelays(event.retry)
      ? [
          {
            type: 'ignored',
            field: `events.${id}.retry`,
            message:
              'backoff, delaySeconds, maxDelaySeconds and jitter are ignored: Service Bus delivers a message of a queue again at once. maxAttempts holds. Use a queue of Azure Storage where the delays matter.',
          },
        ]
      : [],
  );
}

/** How far a table was read is told by its leases alone. */
function lostLeases(dirty: readonly Planned[], lost: readonly MadeSource[]): readonly Warning[] {
  const gone = new Set(lost.filter(({ kind }) => kind === 'leases').map(({ id }) => idKey(id)));
  return dirty.flatMap(({ binding: { id, event }, parts }): Warning[] =>
    event.type === 'table' && parts.bound.some((one) => gone.has(idKey(one.id)))
      ? [
          {
            type: 'drift',
            field: `events.${id}`,
            message: `the leases of the table "${event.table}" were deleted, and with them how far it was read. They are made again, and rows that were handled before come once more: ${event.from === 'oldest' ? 'all of them' : 'those since the event was bound'}.`,
          },
        ]
      : [],
  );
}

/** Containers in an account of the user's, which may have to be paid for by the hour. */
function throughput(dirty: readonly Planned[]): readonly Warning[] {
  return dirty.flatMap(({ binding: { id, event }, parts }): Warning[] => {
    const table = parts.uses.find(({ source }) => source.kind === 'table');
    if (event.type !== 'table' || table === undefined || table.source.shared !== null) return [];
    const what = table.create ? 'the table and a container of leases' : 'a container of leases';
    return [
      {
        type: 'other',
        field: `events.${id}.table`,
        message: `${what} may be made in your account of Cosmos DB: unless the account is serverless or the database shares its throughput, each container costs 400 RU/s, about 23 USD a month.`,
      },
    ];
  });
}

/** A window is one setting for all streams of a function. */
function windows(planned: readonly Planned[], dirty: readonly Planned[]): readonly Warning[] {
  const streams = enabledStreams(planned.map(({ binding }) => binding));
  if (commonWindow(streams) !== undefined) return [];
  return dirty.flatMap(({ binding: { id, event } }): Warning[] =>
    event.type !== 'stream' || event.batchWindowSeconds === 0
      ? []
      : [
          {
            type: 'ignored',
            field: `events.${id}.batchWindowSeconds`,
            message: `${event.batchWindowSeconds} is ignored: on Azure the streams of one function wait alike, and another one waits for nothing. Give all of them a window.`,
          },
        ],
  );
}
