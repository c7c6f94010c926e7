/** Reads proto3 JSON strictly. */
import { GoogleFault } from './fault.ts';
import { isMap, mapOf, textOf, type JsonMap } from './json.ts';
import {
  camelOf,
  enumOf,
  fieldOf,
  hasPresence,
  keyTypeOf,
  messageOf,
  snakeOf,
  typeNameOf,
  type ProtoField,
  type ProtoSchema,
  type ProtoType,
} from './proto-schema.ts';
import { isZero, SCALARS, WELL_KNOWN } from './proto-values.ts';

interface Violation {
  readonly field: string;
  readonly description: string;
}

/** Parameters that every API takes. */
const SYSTEM_PARAMETERS = new Set([
  '$alt',
  'alt',
  '$.xgafv',
  'access_token',
  'callback',
  'fields',
  '$fields',
  'key',
  '$key',
  'oauth_token',
  'prettyPrint',
  '$prettyPrint',
  'quotaUser',
  'userProject',
  'upload_protocol',
  'uploadType',
]);

export class ProtoDecoder {
  readonly #schema: ProtoSchema;
  readonly #violations: Violation[] = [];

  constructor(schema: ProtoSchema) {
    this.#schema = schema;
  }

  refuse(): void {
    if (this.#violations.length === 0) return;
    throw new GoogleFault(
      'INVALID_ARGUMENT',
      this.#violations.map(({ description }) => description).join('\n'),
      {
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.BadRequest',
            fieldViolations: this.#violations,
          },
        ],
      },
    );
  }

  message(type: ProtoType, json: unknown, path: string): JsonMap {
    if (!isMap(json)) {
      const told = `(type.googleapis.com/${type.fullName.slice(1)}), ${JSON.stringify(json)}`;
      this.#wrong(path, `Invalid value at '${path}' ${told}`);
      return {};
    }
    const result: Record<string, unknown> = {};
    const oneofs = new Set<string>();
    for (const [name, value] of Object.entries(json)) {
      const field = fieldOf(type, name);
      if (!field) {
        this.#unknown(name, path, 'Cannot find field.');
        continue;
      }
      if (value === null && typeNameOf(field) !== 'google.protobuf.Value') continue;
      const group = field.partOf?.name;
      if (group !== undefined && oneofs.has(group)) {
        this.#wrong(
          path,
          `Invalid value at '${path || name}' (oneof), oneof field '${group}' is already set. Cannot set '${name}'`,
        );
      }
      if (group !== undefined) oneofs.add(group);
      const read = this.#field(field, value, path);
      if (read !== undefined) result[field.name] = read;
    }
    return result;
  }

  query(type: ProtoType, query: URLSearchParams): JsonMap {
    const result: Record<string, unknown> = {};
    for (const name of new Set(query.keys())) {
      if (SYSTEM_PARAMETERS.has(name)) continue;
      const field = fieldOf(type, name);
      const rest = name.split('.').slice(1);
      const holder = fieldOf(type, name.split('.')[0] ?? '');
      if (field) {
        const texts = query.getAll(name).map((text) => plain(field, text));
        const read = this.#field(field, field.repeated ? texts : texts.at(-1), '');
        if (read !== undefined) result[field.name] = read;
      } else if (holder && rest.length > 0 && messageOf(holder)) {
        const inner = this.message(
          messageOf(holder) ?? type,
          rest.reduceRight<unknown>((value, part) => ({ [part]: value }), query.get(name)),
          snakeOf(holder.name),
        );
        result[holder.name] = { ...mapOf(result[holder.name]), ...inner };
      } else {
        this.#unknown(
          name,
          '',
          `Cannot bind query parameter. Field '${name}' could not be found in request message.`,
        );
      }
    }
    return result;
  }

  #field(field: ProtoField, json: unknown, path: string): unknown {
    const here = path === '' ? snakeOf(field.name) : `${path}.${snakeOf(field.name)}`;
    if (keyTypeOf(field) !== undefined) {
      if (!isMap(json)) {
        return this.#unknown(
          field.name,
          path,
          Array.isArray(json)
            ? 'Proto field is a map, cannot start list.'
            : 'Proto field is a map, expected an object.',
        );
      }
      const entries = Object.entries(json).map(([key, value]) => [
        key,
        this.#value(field, value, `${here}[${entryIndex(json, key)}].value`),
      ]);
      return entries.length > 0 ? Object.fromEntries(entries) : undefined;
    }
    if (field.repeated) {
      if (!Array.isArray(json)) {
        // Google's front takes one value for a list of one.
        const only = this.#value(field, json, `${here}[0]`);
        return only === undefined ? undefined : [only];
      }
      const values = json.map((one: unknown, index) =>
        this.#value(field, one, `${here}[${index}]`),
      );
      return values.length > 0 ? values : undefined;
    }
    const type = typeNameOf(field);
    if (Array.isArray(json) && !type.startsWith('google.protobuf.')) {
      return this.#unknown(field.name, path, 'Proto field is not repeating, cannot start list.');
    }
    const value = this.#value(field, json, here);
    const isNothing = !hasPresence(field) && isZero(value) && !(type in WELL_KNOWN);
    const unset = enumOf(field);
    if (isNothing || (unset && !hasPresence(field) && unset.values[textOf(value)] === 0))
      return undefined;
    return value;
  }

  #value(field: ProtoField, json: unknown, path: string): unknown {
    const enumeration = enumOf(field);
    if (enumeration) {
      const { values, valuesById } = enumeration;
      if (typeof json === 'string' && Object.hasOwn(values, json)) return json;
      if (typeof json === 'number' && Object.hasOwn(valuesById, json)) return valuesById[json];
      const type = `type.googleapis.com/${typeNameOf(field)}`;
      return this.#wrong(path, `Invalid value at '${path}' (${type}), ${JSON.stringify(json)}`);
    }
    const type = typeNameOf(field);
    if (type === 'google.protobuf.Any') return this.#any(json, path);
    const reader = SCALARS[type] ?? WELL_KNOWN[type];
    if (!reader) return this.message(messageOf(field) ?? this.#schema.message(type), json, path);
    const read = reader(json, path);
    return 'value' in read ? read.value : this.#wrong(path, read.wrong);
  }

  #any(json: unknown, path: string): unknown {
    if (!isMap(json)) {
      const type = 'type.googleapis.com/google.protobuf.Any';
      return this.#wrong(path, `Invalid value at '${path}' (${type}), ${JSON.stringify(json)}`);
    }
    const { '@type': url, ...rest } = json;
    const type = this.#schema.find(textOf(url).replace(/^.*\//, ''));
    if (!type) return json;
    return { '@type': url, ...this.message(type, rest, path) };
  }

  #wrong(field: string, description: string): undefined {
    this.#violations.push({ field, description });
    return undefined;
  }

  #unknown(name: string, path: string, why: string): undefined {
    const where = path === '' ? '' : ` at '${path}'`;
    return this.#wrong(
      path,
      `Invalid JSON payload received. Unknown name "${name}"${where}: ${why}`,
    );
  }
}

/** What a text of a query is, for a field of that type. */
function plain(field: ProtoField, text: string): unknown {
  if (field.type === 'bool' && (text === 'true' || text === 'false')) return text === 'true';
  if (enumOf(field) && /^\d+$/.test(text)) return Number(text);
  return camelMask(field, text);
}

function camelMask(field: ProtoField, text: string): string {
  if (field.type !== 'google.protobuf.FieldMask') return text;
  return text
    .split(',')
    .map((path) => path.split('.').map(camelOf).join('.'))
    .join(',');
}

function entryIndex(map: JsonMap, key: string): number {
  return Object.keys(map).indexOf(key);
}
