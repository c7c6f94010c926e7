/** Buses themselves, and the tags of buses and rules. */
import type { JsonOperation } from '../core/json-protocol.ts';
import {
  objects,
  optionalObjects,
  optionalText,
  text,
  texts,
  type Input,
} from '../core/operation.ts';
import type { Bus, Buses } from './buses.ts';
import { page } from './page.ts';

const NAME = { min: 1, max: 256, pattern: /[.\-_A-Za-z0-9]+/ };
/** By name or by ARN. */
export const BUS = { min: 1, max: 1600 };

export function busOperations(buses: Buses): Readonly<Record<string, JsonOperation>> {
  return {
    CreateEventBus(input) {
      const name = text(input, 'Name', NAME);
      const tags = tagsOf(optionalObjects(input, 'Tags') ?? []);
      const bus = buses.create(name, optionalText(input, 'Description', { max: 512 }));
      for (const [key, value] of tags) buses.tags(bus.arn).set(key, value);
      return { EventBusArn: bus.arn, ...described(bus) };
    },
    DescribeEventBus(input) {
      const bus = buses.get(optionalText(input, 'Name', BUS));
      return view(bus);
    },
    DeleteEventBus(input) {
      buses.delete(text(input, 'Name', NAME));
      return {};
    },
    ListEventBuses(input) {
      const prefix = optionalText(input, 'NamePrefix') ?? '';
      const found = buses.all().filter((bus) => bus.name.startsWith(prefix));
      const { items, token } = page(found, input);
      return { EventBuses: items.map(view), ...token };
    },
    TagResource(input) {
      const tags = buses.tags(text(input, 'ResourceARN'));
      for (const [key, value] of tagsOf(objects(input, 'Tags'))) tags.set(key, value);
      return {};
    },
    UntagResource(input) {
      const tags = buses.tags(text(input, 'ResourceARN'));
      for (const key of texts(input, 'TagKeys')) tags.delete(key);
      return {};
    },
    ListTagsForResource(input) {
      const tags = buses.tags(text(input, 'ResourceARN'));
      return { Tags: [...tags].map(([Key, Value]) => ({ Key, Value })) };
    },
  };
}

export function tagsOf(tags: readonly Input[]): readonly (readonly [string, string])[] {
  return tags.map((tag) => [
    text(tag, 'Key', { min: 1, max: 128 }),
    text(tag, 'Value', { max: 256 }),
  ]);
}

function described(bus: Bus): object {
  return bus.description === undefined ? {} : { Description: bus.description };
}

function view(bus: Bus): object {
  return {
    Name: bus.name,
    Arn: bus.arn,
    ...described(bus),
    CreationTime: bus.createdAt / 1000,
    LastModifiedTime: bus.createdAt / 1000,
  };
}
