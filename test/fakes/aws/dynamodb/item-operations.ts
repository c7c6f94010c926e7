/** Items: put, read, changed, deleted, listed. Conditions are not understood, and refused. */
import type { JsonOperation } from '../core/json-protocol.ts';
import {
  object,
  optionalInteger,
  optionalObject,
  optionalText,
  type Input,
} from '../core/operation.ts';
import { AwsFault } from '../core/service.ts';
import { tableName } from './table-operations.ts';
import type { Table, Tables } from './tables.ts';
import { updated } from './update-expression.ts';
import { itemOf, type Item } from './value.ts';

const NOT_UNDERSTOOD = ['ConditionExpression', 'Expected', 'AttributeUpdates', 'FilterExpression'];

export function itemOperations(tables: Tables): Readonly<Record<string, JsonOperation>> {
  return {
    PutItem(input) {
      const table = usable(tables, input);
      const item = itemOf(object(input, 'Item'));
      const returned = returnValues(input, ['NONE', 'ALL_OLD']);
      const before = tables.write(table, keyWithin(table, item), item);
      return returned === 'ALL_OLD' && before !== undefined ? { Attributes: before } : {};
    },
    GetItem(input) {
      const table = usable(tables, input);
      const item = tables.item(table, wholeKey(table, input));
      return item === undefined ? {} : { Item: item };
    },
    DeleteItem(input) {
      const table = usable(tables, input);
      const returned = returnValues(input, ['NONE', 'ALL_OLD']);
      const before = tables.write(table, wholeKey(table, input), undefined);
      return returned === 'ALL_OLD' && before !== undefined ? { Attributes: before } : {};
    },
    UpdateItem(input) {
      const table = usable(tables, input);
      const key = wholeKey(table, input);
      const returned = returnValues(input, ['NONE', 'ALL_OLD', 'ALL_NEW']);
      const expression = optionalText(input, 'UpdateExpression');
      const before = tables.item(table, key);
      const after =
        expression === undefined
          ? { ...before, ...key }
          : updated({ ...before, ...key }, key, expression, {
              names: optionalObject(input, 'ExpressionAttributeNames') ?? {},
              values: optionalObject(input, 'ExpressionAttributeValues') ?? {},
            });
      tables.write(table, key, after);
      if (returned === 'ALL_NEW') return { Attributes: after };
      return returned === 'ALL_OLD' && before !== undefined ? { Attributes: before } : {};
    },
    Scan(input) {
      const table = usable(tables, input);
      const limit = optionalInteger(input, 'Limit', { min: 1 }) ?? Infinity;
      const start = optionalObject(input, 'ExclusiveStartKey');
      const all = [...table.items.values()];
      const from =
        start === undefined ? 0 : all.indexOf(tables.item(table, itemOf(start)) ?? {}) + 1;
      const page = all.slice(from, from + limit);
      const last = page.at(-1);
      const hasMore = from + page.length < all.length && last !== undefined;
      return {
        Items: page,
        Count: page.length,
        ScannedCount: page.length,
        ...(hasMore && { LastEvaluatedKey: keyWithin(table, last) }),
      };
    },
  };
}

function usable(tables: Tables, input: Input): Table {
  const strange = NOT_UNDERSTOOD.find((name) => input[name] !== undefined);
  if (strange !== undefined) throw invalid(`This fake does not understand ${strange}`);
  return tables.getUsable(tableName(input));
}

function returnValues(input: Input, allowed: readonly string[]): string {
  return optionalText(input, 'ReturnValues', { oneOf: allowed }) ?? 'NONE';
}

/** The key of an item. */
function keyWithin(table: Table, item: Item): Item {
  const key: Record<string, Item[string]> = {};
  for (const { name, type } of table.key) {
    const value = item[name];
    if (value === undefined) {
      throw invalid(
        `One or more parameter values were invalid: Missing the key ${name} in the item`,
      );
    }
    if (!(type in value)) {
      throw invalid(
        `One or more parameter values were invalid: Type mismatch for key ${name} expected: ${type} actual: ${Object.keys(value)[0] ?? ''}`,
      );
    }
    key[name] = value;
  }
  return key;
}

/** A key that a request gives: all of it, and nothing else. */
function wholeKey(table: Table, input: Input): Item {
  const given = itemOf(object(input, 'Key'));
  const fits =
    Object.keys(given).length === table.key.length &&
    table.key.every(({ name, type }) => given[name] !== undefined && type in given[name]);
  if (!fits) throw invalid('The provided key element does not match the schema');
  return given;
}

function invalid(message: string): AwsFault {
  return new AwsFault(400, 'ValidationException', message);
}
