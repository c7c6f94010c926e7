/** Where the sources of bindings are. Pure. */
import type { Binding, NormalEvent } from 'polyfaas/spi';
import type { MadeSource } from '../record.ts';
import {
  busQueueIdIn,
  containerIdIn,
  databaseIdIn,
  hubIdIn,
  isNative,
  parentId,
  parseArmId,
  plainName,
  queueIdIn,
  tableIdIn,
  topicIdIn,
} from './arm-id.ts';
import type { EventSettings } from './settings.ts';
import {
  SHARED_DATABASE,
  sharedBus,
  sharedHosts,
  type SharedHost,
  type SharedPlace,
} from './shared.ts';

export type SourceKind = 'queue' | 'topic' | 'container' | 'hub' | 'table' | 'bus';

/** What a source is reached by. */
export type SourceService = 'storage' | 'serviceBus' | 'eventHubs' | 'cosmos' | 'eventGrid';

/** A source, found by its name. JSON. */
export interface SourceRef {
  readonly kind: SourceKind;
  readonly service: SourceService;
  /** Its ARM id. */
  readonly id: string;
  /** Its plain name. */
  readonly name: string;
  /** The ARM id of its account or namespace; of a bus, its own. */
  readonly hostId: string;
  /** The host that is made with `create: true`; null where a native id or the options name another. */
  readonly shared: SharedHost | null;
  /** It was named by its own id, and is neither made nor altered. */
  readonly isNative: boolean;
}

/** What is needed to find sources. */
export interface SourceContext {
  readonly place: SharedPlace;
  readonly settings: EventSettings;
}

/** The source that a binding reads; undefined for kinds without one. */
export function sourceOf(context: SourceContext, event: NormalEvent): SourceRef | undefined {
  switch (event.type) {
    case 'queue':
      return queueSource(context, event.queue);
    case 'topic':
      return topicSource(context, event.topic);
    case 'object':
      return containerSource(context, event.bucket);
    case 'stream':
      return hubSource(context, event.stream);
    case 'table':
      return tableSource(context, event.table);
    case 'bus':
      return busSource(context, event.bus);
    case 'http':
    case 'schedule':
      break;
  }
  return undefined;
}

/** The dead-letter queue of a binding; undefined without one. */
export function deadLetterOf(context: SourceContext, event: NormalEvent): SourceRef | undefined {
  return 'deadLetter' in event && event.deadLetter !== undefined
    ? queueSource(context, event.deadLetter)
    : undefined;
}

/** A queue of Azure Storage or of Service Bus: its id tells, or the options. */
export function queueSource({ place, settings }: SourceContext, queue: string): SourceRef {
  if (isNative(queue)) {
    const isBus = parseArmId(queue)?.kind === 'serviceBusQueue';
    return nativeSource('queue', isBus ? 'serviceBus' : 'storage', queue, isBus ? 1 : 2);
  }
  if (settings.queues === 'servicebus') {
    const host = hostOf(settings.serviceBusNamespace, sharedHosts(place).serviceBus);
    return inHost('queue', 'serviceBus', host, busQueueIdIn(host.hostId, queue), queue);
  }
  const host = hostOf(settings.eventsStorage, sharedHosts(place).storage);
  return inHost('queue', 'storage', host, queueIdIn(host.hostId, queue), queue);
}

/** A topic of Service Bus. */
export function topicSource({ place, settings }: SourceContext, topic: string): SourceRef {
  if (isNative(topic)) return nativeSource('topic', 'serviceBus', topic, 1);
  const host = hostOf(settings.serviceBusNamespace, sharedHosts(place).serviceBus);
  return inHost('topic', 'serviceBus', host, topicIdIn(host.hostId, topic), topic);
}

export function containerSource({ place, settings }: SourceContext, bucket: string): SourceRef {
  if (isNative(bucket)) return nativeSource('container', 'storage', bucket, 2);
  const host = hostOf(settings.eventsStorage, sharedHosts(place).storage);
  return inHost('container', 'storage', host, containerIdIn(host.hostId, bucket), bucket);
}

export function hubSource({ place, settings }: SourceContext, stream: string): SourceRef {
  if (isNative(stream)) return nativeSource('hub', 'eventHubs', stream, 1);
  const host = hostOf(settings.eventHubsNamespace, sharedHosts(place).eventHubs);
  return inHost('hub', 'eventHubs', host, hubIdIn(host.hostId, stream), stream);
}

export function tableSource({ place, settings }: SourceContext, table: string): SourceRef {
  if (isNative(table)) return nativeSource('table', 'cosmos', table, 2);
  const host = hostOf(settings.cosmosAccount, sharedHosts(place).cosmos);
  const database = databaseIdIn(
    host.hostId,
    host.shared === null ? settings.cosmosDatabase : SHARED_DATABASE,
  );
  return inHost('table', 'cosmos', host, tableIdIn(database, table), table);
}

/** A custom topic of Event Grid. */
export function busSource({ place, settings }: SourceContext, bus: string): SourceRef {
  const named = Object.hasOwn(settings.eventGridTopics, bus)
    ? settings.eventGridTopics[bus]
    : undefined;
  const given = isNative(bus) ? bus : named;
  const { id } = given === undefined ? sharedBus(place, bus) : { id: given };
  return {
    kind: 'bus',
    service: 'eventGrid',
    id,
    name: plainName(bus),
    hostId: id,
    shared: null,
    isNative: given !== undefined,
  };
}

/** The sources that a binding asks to be made. */
export function createdSources(
  context: SourceContext,
  { event }: Pick<Binding, 'event'>,
): readonly MadeSource[] {
  if (!('create' in event) || !event.create) return [];
  return [sourceOf(context, event), deadLetterOf(context, event)].flatMap((source) =>
    source === undefined || source.isNative ? [] : [{ kind: source.kind, id: source.id }],
  );
}

interface Host {
  readonly hostId: string;
  readonly shared: SharedHost | null;
}

function hostOf(given: string | null, shared: SharedHost): Host {
  return given === null ? { hostId: shared.id, shared } : { hostId: given, shared: null };
}

function inHost(
  kind: SourceKind,
  service: SourceService,
  host: Host,
  id: string,
  name: string,
): SourceRef {
  return { kind, service, id, name, isNative: false, ...host };
}

function nativeSource(
  kind: SourceKind,
  service: SourceService,
  id: string,
  levels: number,
): SourceRef {
  return {
    kind,
    service,
    id: id.replace(/\/+$/, ''),
    name: plainName(id),
    hostId: parentId(id, levels),
    shared: null,
    isNative: true,
  };
}
