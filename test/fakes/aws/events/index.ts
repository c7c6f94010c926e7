/** EventBridge: buses, rules with their patterns, targets, and the way of events from one to the other. */
import { randomUUID } from 'node:crypto';
import { jsonService } from '../core/json-protocol.ts';
import { optionalText, text, type Input } from '../core/operation.ts';
import type { EventsPort, World } from '../core/ports.ts';
import { AwsFault, type Service } from '../core/service.ts';
import { busOperations } from './bus-operations.ts';
import { Buses } from './buses.ts';
import { dispatch, toSeconds } from './dispatch.ts';
import { isObject, parsed } from './json.ts';
import { compilePattern } from './pattern.ts';
import { detailOf, entriesOf, type Entry } from './put-events.ts';
import { ruleOperations } from './rule-operations.ts';

const EVENT_FIELDS = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];

export function createEventsService(world: World): Service & { readonly port: EventsPort } {
  const buses = new Buses(world);
  const put = (entry: Entry): string => putEntry(world, buses, entry);
  const service = jsonService({
    id: 'events',
    targetPrefix: 'AWSEvents',
    version: '1.1',
    operations: {
      ...busOperations(buses),
      ...ruleOperations(world, buses),
      PutEvents(input) {
        const entries = entriesOf(input).map((entry) =>
          'ErrorCode' in entry ? entry : { EventId: put(entry) },
        );
        const failed = entries.filter((entry) => 'ErrorCode' in entry).length;
        return { FailedEntryCount: failed, Entries: entries };
      },
      TestEventPattern(input) {
        const fits = compilePattern(text(input, 'EventPattern', { max: 4096 }));
        return { Result: fits(sampleEvent(input)) };
      },
    },
    inventory: () => inventory(buses),
    resource: (operation, input) => resourceOf(buses, operation, input),
  });
  return {
    ...service,
    port: {
      put(event) {
        const detail = detailOf(event.detail);
        if (detail === undefined) {
          throw new AwsFault(400, 'MalformedDetail', 'Detail is malformed.');
        }
        const resources = event.resources ?? [];
        return { eventId: put({ ...event, detail, resources, time: undefined }) };
      },
      busExists: (nameOrArn) => buses.find(nameOrArn) !== undefined,
    },
  };
}

/** An event for a bus that is not there is accepted, and lost. */
function putEntry(world: World, buses: Buses, entry: Entry): string {
  const id = randomUUID();
  const bus = buses.find(entry.bus);
  if (bus !== undefined) {
    dispatch(world, bus, {
      version: '0',
      id,
      'detail-type': entry.detailType,
      source: entry.source,
      account: world.account,
      time: toSeconds(entry.time ?? world.clock.now()),
      region: world.region,
      resources: entry.resources,
      detail: entry.detail,
    });
  }
  return id;
}

function sampleEvent(input: Input): unknown {
  const event = parsed(text(input, 'Event'))?.value;
  const missing = isObject(event)
    ? EVENT_FIELDS.find((field) => event[field] === undefined)
    : 'an object';
  if (missing === undefined) return event;
  throw new AwsFault(
    400,
    'ValidationException',
    `Parameter Event is not valid. Reason: ${missing} is missing.`,
  );
}

function resourceOf(buses: Buses, operation: string, input: Input): string {
  if (operation !== 'PutEvents') return '*';
  const [first] = Array.isArray(input['Entries']) ? input['Entries'] : [];
  const name = isObject(first) ? optionalText(first, 'EventBusName') : undefined;
  return buses.find(name)?.arn ?? '*';
}

function inventory(buses: Buses): readonly string[] {
  return buses
    .all()
    .flatMap((bus) => [
      ...(bus.name === 'default' ? [] : [`events bus ${bus.name}`]),
      ...[...bus.rules.values()].flatMap((rule) => [
        `events rule ${bus.name}/${rule.name}`,
        ...[...rule.targets.keys()].map((id) => `events target ${bus.name}/${rule.name}/${id}`),
      ]),
    ]);
}
