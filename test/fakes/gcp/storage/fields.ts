/** Checks bodies and parameters by hand-written schemas: this API has no protos here. */
import { isMap, mapOf, type JsonMap } from '../core/json.ts';
import { invalid, StorageFault } from './faults.ts';

/** `map` has texts; `object` is looked at no further. A schema in a schema is a message. */
export interface Schema {
  readonly [field: string]: 'text' | 'flag' | 'texts' | 'map' | 'nullable map' | 'object' | Schema;
}

/** Parameters that every method takes. */
const SYSTEM_PARAMETERS = [
  'alt',
  'fields',
  'key',
  'oauth_token',
  'prettyPrint',
  'projection',
  'quotaUser',
  'userProject',
];

export function checkBody(body: unknown, schema: Schema): JsonMap {
  if (!isMap(body)) throw new StorageFault(400, 'parseError', 'Parse Error');
  check(body, schema, '');
  return body;
}

export function checkQuery(query: URLSearchParams, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (!known.includes(name) && !SYSTEM_PARAMETERS.includes(name)) {
      throw new StorageFault(400, 'invalidParameter', `Unknown parameter: '${name}'.`);
    }
  }
}

/** `If...Match` parameters: what they name has to be so. */
export function numberOf(query: URLSearchParams, name: string): string | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d+$/.test(text)) {
    throw new StorageFault(400, 'invalidParameter', `Invalid value '${text}' for '${name}'.`);
  }
  return text;
}

function check(value: JsonMap, schema: Schema, path: string): void {
  for (const [name, one] of Object.entries(value)) {
    const at = path === '' ? name : `${path}.${name}`;
    const type = Object.hasOwn(schema, name) ? schema[name] : undefined;
    if (type === undefined) {
      const where = path === '' ? '' : ` at '${path}'`;
      throw invalid(
        `Invalid JSON payload received. Unknown name "${name}"${where}: Cannot find field.`,
      );
    }
    if (one === null && type !== 'nullable map') continue;
    if (typeof type === 'object' && isMap(one)) check(one, type, at);
    else if (typeof type === 'object' || !fits(one, type)) {
      throw invalid(`Invalid value at '${at}': ${JSON.stringify(one)}`);
    }
  }
}

function fits(value: unknown, type: string): boolean {
  if (type === 'text') return typeof value === 'string';
  if (type === 'flag') return typeof value === 'boolean';
  if (type === 'texts') {
    return Array.isArray(value) && value.every((one) => typeof one === 'string');
  }
  if (type === 'object') return isMap(value);
  const texts = Object.values(mapOf(value));
  const isNullable = type === 'nullable map';
  return (
    (isMap(value) || (value === null && isNullable)) &&
    texts.every((one) => typeof one === 'string' || (one === null && isNullable))
  );
}
