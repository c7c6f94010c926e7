/**
 * App settings that hold addresses. Only Azure knows the addresses of accounts, namespaces and topics (they differ from
 * cloud to cloud), so a step reads them and puts the settings out.
 */
import type { FromRef, Step } from 'polyfaas/spi';
import { SETTING } from '../manifest.ts';
import { idKey } from './arm-id.ts';
import type { Connection, PlanContext, TargetDraft } from './context.ts';
import { STREAM_START, type Planned } from './host-settings.ts';
import { consumerGroupId } from './stream/plan.ts';
import { hubSource } from './source.ts';
import { eventStep } from './steps.ts';
import { tableStart, type SinceMade } from './table/plan.ts';
import type { SettingValue } from './types.ts';

/** What the step needs to know. JSON. */
export interface AddressWish {
  readonly connections: readonly Connection[];
  readonly policies: readonly PolicyDraft[];
  /** ARM ids of consumer groups that begin when they were made. */
  readonly since: readonly string[];
  /** Settings of tables that begin when their leases were made. */
  readonly tables: readonly SinceMade[];
}

/** A `BindingPolicy` whose addresses are not known yet. */
export interface PolicyDraft extends Pick<Planned, 'binding'> {
  readonly source: string;
  readonly deadLetter: TargetDraft | null;
  readonly again: TargetDraft | null;
}

export interface AddressPlan {
  /** Null where no address is needed. */
  readonly step: Step | null;
  readonly settings: Readonly<Record<string, SettingValue>>;
  readonly wish: AddressWish;
}

const STEP_ID = 'event-addresses';

/** What each service is addressed by in a connection (Azure Functions, identity-based connections). */
export const CONNECTION_ADDRESS = {
  storage: 'queueServiceUri',
  serviceBus: 'fullyQualifiedNamespace',
  eventHubs: 'fullyQualifiedNamespace',
  cosmos: 'accountEndpoint',
} as const;

export function planAddresses(context: PlanContext, planned: readonly Planned[]): AddressPlan {
  const enabled = planned.filter(({ binding }) => binding.event.enabled);
  const policies = enabled.map(({ binding, parts }) => ({
    binding,
    source: parts.source,
    deadLetter: parts.deadLetter,
    again: parts.again,
  }));
  const connections = distinct(enabled.flatMap(({ parts }) => parts.connections));
  const since = enabled.flatMap(({ binding: { id, event } }) =>
    event.type === 'stream' && event.from === 'latest'
      ? [consumerGroupId(context, id, hubSource(context, event.stream).id)]
      : [],
  );
  const tables = enabled.flatMap(({ binding: { id, event } }) => {
    const start = event.type === 'table' ? tableStart(context, id, event) : undefined;
    return start === undefined ? [] : [start];
  });
  const wish: AddressWish = { connections, policies, since, tables };
  const isKnown =
    connections.length === 0 &&
    policies.every(({ deadLetter, again }) => deadLetter === null && again === null);
  if (isKnown) {
    return { step: null, wish, settings: { [SETTING.bindings]: JSON.stringify(policies) } };
  }
  return { step: addressStep(context, wish), wish, settings: settingsOf(context, wish) };
}

function addressStep({ target }: PlanContext, wish: AddressWish): Step {
  return eventStep(target, {
    id: STEP_ID,
    kind: 'read-addresses',
    title: 'Read the addresses of sources and dead-letter queues',
    phase: 'prepare',
    input: { wish },
  });
}

function settingsOf(
  { target }: PlanContext,
  { connections, since, tables }: AddressWish,
): Record<string, SettingValue> {
  const told = (name: string): FromRef => ({ $from: `${STEP_ID}.${name}` });
  const settings: Record<string, SettingValue> = { [SETTING.bindings]: told(SETTING.bindings) };
  for (const { name, service } of connections) {
    const address = `${name}__${CONNECTION_ADDRESS[service]}`;
    settings[address] = told(address);
    settings[`${name}__credential`] = 'managedidentity';
    settings[`${name}__clientId`] = target.clientId;
  }
  if (since.length > 0) {
    settings[STREAM_START.type] = 'fromEnqueuedTime';
    settings[STREAM_START.time] = told(STREAM_START.time);
  }
  for (const { setting } of tables) settings[setting] = told(setting);
  return settings;
}

function distinct(connections: readonly Connection[]): readonly Connection[] {
  return [...new Map(connections.map((one) => [`${one.name} ${idKey(one.hostId)}`, one])).values()];
}
