/** DynamoDB: tables that become active after two seconds, their items, and the streams of their changes. */
import { jsonService } from '../core/json-protocol.ts';
import type { DynamoPort, World } from '../core/ports.ts';
import { optionalText, type Input } from '../core/operation.ts';
import type { Service } from '../core/service.ts';
import { itemOperations } from './item-operations.ts';
import { tableOperations } from './table-operations.ts';
import { Tables } from './tables.ts';
import { marshalledItem } from './value.ts';

export function createDynamoService(world: World): Service & { readonly port: DynamoPort } {
  const listeners = new Set<(streamArn: string) => void>();
  const tables = new Tables(world, (streamArn) => {
    for (const listener of listeners) listener(streamArn);
  });
  const service = jsonService({
    id: 'dynamodb',
    targetPrefix: 'DynamoDB_20120810',
    version: '1.0',
    operations: { ...tableOperations(tables), ...itemOperations(tables) },
    // What is being deleted goes away by itself.
    inventory: () =>
      tables
        .all()
        .filter((table) => tables.status(table) !== 'DELETING')
        .map((table) => `dynamodb table ${table.name}`),
    resource: (_operation, input) => resourceOf(tables, input),
    errorPrefix: 'com.amazonaws.dynamodb.v20120810#',
  });
  return { ...service, port: portOf(tables, listeners) };
}

function resourceOf(tables: Tables, input: Input): string {
  const name = optionalText(input, 'TableName');
  if (name === undefined) return optionalText(input, 'ResourceArn') ?? '*';
  return name.startsWith('arn:') ? name : tables.arnOf(name);
}

function portOf(tables: Tables, listeners: Set<(streamArn: string) => void>): DynamoPort {
  const streamOf = (arn: string) => {
    const table = tables.find(arn);
    if (table === undefined || tables.status(table) === 'CREATING') return undefined;
    return tables.stream(arn);
  };
  return {
    exists: (arn) => streamOf(arn) !== undefined,
    shards(arn) {
      const stream = streamOf(arn);
      return stream === undefined ? [] : [stream.shard];
    },
    read(arn, shard, after, max) {
      const stream = streamOf(arn);
      return stream?.shard === shard ? stream.read(after, max) : [];
    },
    newest: (arn) => streamOf(arn)?.newest,
    onItem: (listener) => void listeners.add(listener),
    put(name, key, item) {
      const marshalledKey = marshalledItem(key);
      const whole = item && { ...marshalledKey, ...marshalledItem(item) };
      tables.write(tables.getUsable(name), marshalledKey, whole);
    },
  };
}
