/** Attribute values: `{ "S": "a" }`, `{ "N": "1" }`, `{ "M": { ... } }`. */
import { AwsFault } from '../core/service.ts';
import { isList, isObject } from '../events/json.ts';

/** As it is on the wire, after it was checked. */
export type AttributeValue = Readonly<Record<string, unknown>>;
export type Item = Readonly<Record<string, AttributeValue>>;

/** Plain JSON as an attribute value. */
export function marshalled(value: unknown): AttributeValue {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (isList(value)) return { L: value.map(marshalled) };
  if (isObject(value)) return { M: marshalledItem(value) };
  return { NULL: true };
}

export function marshalledItem(item: Readonly<Record<string, unknown>>): Item {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, marshalled(value)]));
}

const TYPES: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['S', isText],
  ['N', isNumeric],
  ['B', isText],
  ['BOOL', (value: unknown) => typeof value === 'boolean'],
  ['NULL', (value: unknown) => value === true],
  ['SS', (value: unknown) => isFilled(value, isText)],
  ['NS', (value: unknown) => isFilled(value, isNumeric)],
  ['BS', (value: unknown) => isFilled(value, isText)],
  ['L', (value: unknown) => isList(value) && value.every(isAttributeValue)],
  ['M', (value: unknown) => isObject(value) && Object.values(value).every(isAttributeValue)],
]);

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isNumeric(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
}

function isFilled(value: unknown, fits: (item: unknown) => boolean): boolean {
  return isList(value) && value.length > 0 && value.every(fits);
}

function isAttributeValue(value: unknown): value is AttributeValue {
  const [type = '', ...others] = isObject(value) ? Object.keys(value) : [];
  return isObject(value) && others.length === 0 && TYPES.get(type)?.(value[type]) === true;
}

/** An attribute value that a request holds. */
export function attributeValue(value: unknown): AttributeValue {
  if (isAttributeValue(value)) return value;
  throw new AwsFault(
    400,
    'ValidationException',
    'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
  );
}

/** An item that a request holds. */
export function itemOf(value: unknown): Item {
  const entries = isObject(value) ? Object.entries(value) : [];
  return Object.fromEntries(entries.map(([name, each]) => [name, attributeValue(each)]));
}

/** Whether two values are the same, whatever the order of their members. */
export function isSame(left: unknown, right: unknown): boolean {
  return canonical(left) === canonical(right);
}

/** A text that is the same for the same value. */
export function canonical(value: unknown): string {
  if (isList(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.keys(value).toSorted();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
}
