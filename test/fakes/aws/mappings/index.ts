/** Event source mappings: the part of the Lambda API that makes them, and the pollers behind them. */
import type { Input } from '../core/operation.ts';
import type { MappingsPort, World } from '../core/ports.ts';
import { restService, type RestInput, type RestMatch, type RestOutput } from '../core/rest.ts';
import type { WireReply, WireRequest } from '../core/service.ts';
import { createMapping, functionArn, updatedSettings } from './create.ts';
import { conflict, inUse, invalidValue, notFound } from './faults.ts';
import { TRANSITION_MS, type Mapping, type Transition } from './mapping.ts';
import type { Poller } from './poller.ts';
import { QueuePoller } from './queue-poller.ts';
import { StreamPoller } from './stream-poller.ts';

/** Serves what lies below `/2015-03-31/event-source-mappings`. */
interface Routes {
  handle(request: WireRequest): Promise<WireReply>;
  match(method: string, path: string): RestMatch | undefined;
}

export interface MappingsService extends Routes {
  /** Lambda finds the routes here, too: it hands the requests on. */
  readonly port: MappingsPort & Routes;
  inventory(): readonly string[];
  stop(): Promise<void>;
}

interface Entry {
  readonly mapping: Mapping;
  readonly poller: Poller;
}

const PATH = '/2015-03-31/event-source-mappings';

export function createMappingsService(world: World): MappingsService {
  const entries = new Map<string, Entry>();
  let isListening = false;

  /** At the first mapping: the other services need not be there before. */
  function listen(): void {
    if (isListening) return;
    isListening = true;
    const wakeAt = (source: string): void => {
      for (const { mapping, poller } of entries.values()) {
        if (mapping.source === source) poller.wake();
      }
    };
    world.sqs.onMessage(wakeAt);
    world.kinesis.onItem(wakeAt);
    world.dynamodb.onItem(wakeAt);
  }

  function entryOf(uuid: string): Entry {
    const entry = entries.get(uuid);
    if (!entry) throw notFound();
    return entry;
  }

  function begin({ mapping, poller }: Entry, name: Transition): void {
    mapping.begin(name);
    world.clock.after(TRANSITION_MS, () => {
      if (mapping.state === 'Deleting') entries.delete(mapping.uuid);
      else poller.wake();
    });
  }

  function create(body: Input): object {
    const mapping = createMapping(world, body);
    for (const { mapping: other } of entries.values()) refuseTwin(other, mapping);
    listen();
    const poller =
      mapping.kind === 'sqs' ? new QueuePoller(world, mapping) : new StreamPoller(world, mapping);
    const entry = { mapping, poller };
    entries.set(mapping.uuid, entry);
    begin(entry, 'Creating');
    return mapping.told();
  }

  function update(uuid: string, body: Input): object {
    const entry = entryOf(uuid);
    const { mapping, poller } = entry;
    if (mapping.isInTransition) throw inUse('update');
    const before = mapping.settings;
    mapping.settings = updatedSettings(world, mapping, body);
    const { enabled } = mapping.settings;
    const name = enabled === before.enabled ? 'Updating' : enabled ? 'Enabling' : 'Disabling';
    begin(entry, name);
    poller.wake();
    return mapping.told();
  }

  function remove(uuid: string): object {
    const entry = entryOf(uuid);
    if (entry.mapping.isInTransition) throw inUse('delete');
    entry.poller.stop();
    begin(entry, 'Deleting');
    return entry.mapping.told();
  }

  function list(query: URLSearchParams): object {
    const name = query.get('FunctionName');
    const source = query.get('EventSourceArn');
    const max = Number(query.get('MaxItems') ?? 100);
    const from = Number(query.get('Marker') ?? 0);
    if (!(max >= 1 && max <= 10_000) || !Number.isInteger(from)) {
      throw invalidValue('MaxItems must be between 1 and 10000');
    }
    const wanted = name === null ? undefined : functionArn(world, name);
    const found = [...entries.values()]
      .map(({ mapping }) => mapping)
      .filter((mapping) => wanted === undefined || mapping.settings.functionArn === wanted)
      .filter((mapping) => source === null || mapping.source === source);
    const end = from + Math.min(max, 100);
    return {
      EventSourceMappings: found.slice(from, end).map((mapping) => mapping.told()),
      ...(end < found.length && { NextMarker: String(end) }),
    };
  }

  const uuidOf = (input: RestInput): string => input.params['uuid'] ?? '';
  const accepted = (body: object): RestOutput => ({ status: 202, body });
  const service = restService({
    id: 'lambda',
    routes: [
      {
        method: 'POST',
        path: PATH,
        operation: 'CreateEventSourceMapping',
        run: (input) => accepted(create(input.body)),
      },
      {
        method: 'GET',
        path: PATH,
        operation: 'ListEventSourceMappings',
        run: (input) => ({ body: list(input.query) }),
      },
      {
        method: 'GET',
        path: `${PATH}/{uuid}`,
        operation: 'GetEventSourceMapping',
        run: (input) => ({ body: entryOf(uuidOf(input)).mapping.told() }),
      },
      {
        method: 'PUT',
        path: `${PATH}/{uuid}`,
        operation: 'UpdateEventSourceMapping',
        run: (input) => accepted(update(uuidOf(input), withoutUuid(input.body))),
      },
      {
        method: 'DELETE',
        path: `${PATH}/{uuid}`,
        operation: 'DeleteEventSourceMapping',
        run: (input) => accepted(remove(uuidOf(input))),
      },
    ],
    // What is being deleted goes away by itself.
    inventory: () =>
      [...entries.values()]
        .map(({ mapping }) => mapping)
        .filter((mapping) => mapping.state !== 'Deleting')
        .map(
          ({ source, settings }) => `lambda event source mapping ${source} ${settings.functionArn}`,
        ),
  });

  const byArn = (arn: string): Mapping | undefined =>
    [...entries.values()].find(({ mapping }) => mapping.arn === arn)?.mapping;

  const routes: Routes = {
    handle: (request) => service.handle(request),
    match: (method, path) => service.match(method, path),
  };

  return {
    ...routes,
    inventory: () => service.inventory(),
    stop() {
      for (const { poller } of entries.values()) poller.stop();
      return Promise.resolve();
    },
    port: {
      ...routes,
      busy: () => [...entries.values()].some(({ poller }) => poller.isBusy),
      tags(arn) {
        const mapping = byArn(arn);
        return mapping && Object.fromEntries(mapping.tags);
      },
      tag(arn, tags) {
        const mapping = byArn(arn);
        if (!mapping) throw notFound();
        for (const [key, value] of Object.entries(tags)) mapping.tags.set(key, value);
      },
      untag(arn, keys) {
        const mapping = byArn(arn);
        if (!mapping) throw notFound();
        for (const key of keys) mapping.tags.delete(key);
      },
    },
  };
}

/** Some clients repeat the path's label in the body. */
function withoutUuid(body: Input): Input {
  const { UUID: _uuid, ...rest } = body;
  return rest;
}

function refuseTwin(other: Mapping, mapping: Mapping): void {
  const { source, settings } = mapping;
  if (other.source !== source || other.settings.functionArn !== settings.functionArn) return;
  const name = settings.functionArn.split(':function:').at(-1) ?? '';
  const advice = `Please update or delete the existing mapping with UUID ${other.uuid}`;
  throw conflict(
    mapping.kind === 'sqs'
      ? `An event source mapping with SQS arn (" ${source} ") and function (" ${name} ") already exists. ${advice}`
      : `The event source arn (" ${source} ") and function (" ${name} ") provided mapping already exists. ${advice}`,
  );
}
