/** Tables themselves: made, described, changed, tagged, deleted. */
import type { JsonOperation } from '../core/json-protocol.ts';
import {
  flag,
  integer,
  invalid,
  object,
  objects,
  optionalFlag,
  optionalInteger,
  optionalObject,
  optionalObjects,
  optionalText,
  text,
  texts,
  type Input,
} from '../core/operation.ts';
import { AwsFault } from '../core/service.ts';
import { STREAM_VIEW_TYPES, type StreamViewType } from './table-stream.ts';
import type { KeyElement, Table, Tables } from './tables.ts';

const NAME = { min: 3, max: 255, pattern: /[a-zA-Z0-9_.-]+/ };

/** A table by its name or ARN. */
export function tableName(input: Input): string {
  const given = text(input, 'TableName', { min: 1, max: 1024 });
  return given.startsWith('arn:') ? given : text(input, 'TableName', NAME);
}

export function tableOperations(tables: Tables): Readonly<Record<string, JsonOperation>> {
  const described = (table: Table) => view(tables, table);
  return {
    CreateTable(input) {
      const name = text(input, 'TableName', NAME);
      const billing =
        optionalText(input, 'BillingMode', { oneOf: ['PROVISIONED', 'PAY_PER_REQUEST'] }) ??
        'PROVISIONED';
      const wish = streamWish(input);
      const table = tables.create({
        name,
        key: keyOf(input),
        billingMode: billing === 'PAY_PER_REQUEST' ? 'PAY_PER_REQUEST' : 'PROVISIONED',
        throughput: throughputOf(input, billing),
        tags: new Map(tagsOf(optionalObjects(input, 'Tags') ?? [])),
        isProtected: optionalFlag(input, 'DeletionProtectionEnabled') ?? false,
      });
      if (wish?.viewType !== undefined) tables.startStream(table, wish.viewType);
      return { TableDescription: described(table) };
    },
    DescribeTable(input) {
      return { Table: described(tables.get(tableName(input))) };
    },
    UpdateTable(input) {
      const table = tables.getActive(tableName(input));
      const wish = streamWish(input);
      const isProtected = optionalFlag(input, 'DeletionProtectionEnabled');
      if (wish === undefined && isProtected === undefined) {
        throw new AwsFault(
          400,
          'ValidationException',
          'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required',
        );
      }
      if (wish !== undefined) changeStream(tables, table, wish.viewType);
      if (isProtected !== undefined) table.isProtected = isProtected;
      tables.markChanged(table);
      return { TableDescription: described(table) };
    },
    DeleteTable(input) {
      const table = tables.getActive(tableName(input));
      tables.delete(table);
      return { TableDescription: described(table) };
    },
    ListTables(input) {
      const limit = optionalInteger(input, 'Limit', { min: 1, max: 100 }) ?? 100;
      const after = optionalText(input, 'ExclusiveStartTableName') ?? '';
      const rest = tables.all().filter((table) => table.name > after);
      const page = rest.slice(0, limit).map((table) => table.name);
      return {
        TableNames: page,
        ...(rest.length > page.length && { LastEvaluatedTableName: page.at(-1) }),
      };
    },
    TagResource(input) {
      const table = tables.getActive(text(input, 'ResourceArn'));
      for (const [key, value] of tagsOf(objects(input, 'Tags'))) table.tags.set(key, value);
      return {};
    },
    UntagResource(input) {
      const table = tables.getActive(text(input, 'ResourceArn'));
      for (const key of texts(input, 'TagKeys')) table.tags.delete(key);
      return {};
    },
    ListTagsOfResource(input) {
      const table = tables.get(text(input, 'ResourceArn'));
      return { Tags: [...table.tags].map(([Key, Value]) => ({ Key, Value })) };
    },
  };
}

function changeStream(tables: Tables, table: Table, viewType: StreamViewType | undefined): void {
  const latest = table.streams.at(-1);
  const isOn = latest?.isEnabled === true;
  if (viewType !== undefined && isOn) {
    throw new AwsFault(
      400,
      'ValidationException',
      `Table already has an enabled stream: TableName: ${table.name}, StreamArn: ${latest.arn}`,
    );
  }
  if (viewType !== undefined) {
    tables.startStream(table, viewType);
  } else if (isOn) {
    latest.isEnabled = false;
  } else {
    throw new AwsFault(
      400,
      'ValidationException',
      `Table has no stream to disable: TableName: ${table.name}`,
    );
  }
}

/** `viewType` is undefined when the stream is to be off. */
function streamWish(input: Input): { readonly viewType: StreamViewType | undefined } | undefined {
  const specification = optionalObject(input, 'StreamSpecification');
  if (specification === undefined) return undefined;
  const isEnabled = flag(specification, 'StreamEnabled');
  const given = optionalText(specification, 'StreamViewType', { oneOf: STREAM_VIEW_TYPES });
  const viewType = STREAM_VIEW_TYPES.find((each) => each === given);
  if (isEnabled !== (viewType !== undefined)) {
    throw new AwsFault(
      400,
      'ValidationException',
      isEnabled
        ? 'One or more parameter values were invalid: StreamViewType is required when StreamEnabled is true'
        : 'One or more parameter values were invalid: StreamViewType must not be given when StreamEnabled is false',
    );
  }
  return { viewType };
}

function keyOf(input: Input): readonly KeyElement[] {
  const types = new Map(
    objects(input, 'AttributeDefinitions').map((definition) => [
      text(definition, 'AttributeName', { min: 1, max: 255 }),
      text(definition, 'AttributeType', { oneOf: ['S', 'N', 'B'] }),
    ]),
  );
  const schema = objects(input, 'KeySchema', { min: 1, max: 2 });
  const key = schema.map((element, index): KeyElement => {
    const name = text(element, 'AttributeName', { min: 1, max: 255 });
    const role = text(element, 'KeyType', { oneOf: ['HASH', 'RANGE'] });
    const type = types.get(name);
    if (type === undefined) {
      throw invalidKey('Some index key attributes are not defined in AttributeDefinitions.', [
        `Keys: [${schema.map((each) => text(each, 'AttributeName')).join(', ')}]`,
        `AttributeDefinitions: [${[...types.keys()].join(', ')}]`,
      ]);
    }
    if ((role === 'HASH') !== (index === 0)) {
      throw invalidKey('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
    }
    return { name, role: role === 'HASH' ? 'HASH' : 'RANGE', type: keyType(type) };
  });
  if (types.size !== key.length && optionalObjects(input, 'GlobalSecondaryIndexes') === undefined) {
    throw invalidKey(
      'One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions',
    );
  }
  return key;
}

function keyType(type: string): KeyElement['type'] {
  return type === 'N' || type === 'B' ? type : 'S';
}

function invalidKey(message: string, details: readonly string[] = []): AwsFault {
  return new AwsFault(400, 'ValidationException', [message, ...details].join(' '));
}

function throughputOf(input: Input, billing: string): Table['throughput'] {
  const given = optionalObject(input, 'ProvisionedThroughput');
  if (billing === 'PAY_PER_REQUEST') {
    if (given === undefined) return { read: 0, write: 0 };
    throw invalidKey(
      'One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
    );
  }
  if (given === undefined) {
    throw invalidKey(
      'One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    );
  }
  const wish = object(input, 'ProvisionedThroughput');
  return {
    read: integer(wish, 'ReadCapacityUnits', { min: 1 }),
    write: integer(wish, 'WriteCapacityUnits', { min: 1 }),
  };
}

function tagsOf(tags: readonly Input[]): readonly (readonly [string, string])[] {
  if (tags.length > 50)
    throw invalid('Tags', tags.length, 'Member must have length less than or equal to 50');
  return tags.map((tag) => [
    text(tag, 'Key', { min: 1, max: 128 }),
    text(tag, 'Value', { max: 256 }),
  ]);
}

function view(tables: Tables, table: Table): object {
  const stream = table.streams.at(-1);
  return {
    TableName: table.name,
    TableArn: table.arn,
    TableId: table.id,
    TableStatus: tables.status(table),
    CreationDateTime: table.createdAt / 1000,
    AttributeDefinitions: table.key.map(({ name, type }) => ({
      AttributeName: name,
      AttributeType: type,
    })),
    KeySchema: table.key.map(({ name, role }) => ({ AttributeName: name, KeyType: role })),
    ProvisionedThroughput: {
      NumberOfDecreasesToday: 0,
      ReadCapacityUnits: table.throughput.read,
      WriteCapacityUnits: table.throughput.write,
    },
    ...(table.billingMode === 'PAY_PER_REQUEST' && {
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    }),
    ItemCount: table.items.size,
    TableSizeBytes: 0,
    DeletionProtectionEnabled: table.isProtected,
    ...(stream?.isEnabled === true && {
      StreamSpecification: { StreamEnabled: true, StreamViewType: stream.viewType },
    }),
    ...(stream !== undefined && {
      LatestStreamLabel: stream.label,
      LatestStreamArn: stream.arn,
    }),
  };
}
