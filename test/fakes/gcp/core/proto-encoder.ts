/** Writes proto3 JSON. What does not fit is a mistake of the fake's own. */
import { isMap, textOf, type JsonMap } from './json.ts';
import {
  enumOf,
  fieldOf,
  hasPresence,
  keyTypeOf,
  messageOf,
  typeNameOf,
  type ProtoField,
  type ProtoSchema,
  type ProtoType,
} from './proto-schema.ts';
import { isZero, SCALARS, WELL_KNOWN } from './proto-values.ts';

export interface EncodeOptions {
  /** As `$alt=json;enum-encoding=int` asks for: see `wantsEnumNumbers`. */
  readonly enumsAsNumbers?: boolean;
}

export class ProtoEncoder {
  readonly #schema: ProtoSchema;
  readonly #options: EncodeOptions;

  constructor(schema: ProtoSchema, options: EncodeOptions) {
    this.#schema = schema;
    this.#options = options;
  }

  message(type: ProtoType, value: unknown, path: string): JsonMap {
    if (!isMap(value)) throw new Error(`The fake has no message at ${path}.`);
    const result: Record<string, unknown> = {};
    for (const [name, one] of Object.entries(value)) {
      if (one === undefined || one === null) continue;
      const field = fieldOf(type, name);
      if (!field) throw new Error(`The fake writes an unknown field ${path}.${name}.`);
      const written = this.#field(field, one, `${path}.${name}`);
      if (written !== undefined) result[field.name] = written;
    }
    return result;
  }

  #field(field: ProtoField, value: unknown, path: string): unknown {
    if (keyTypeOf(field) !== undefined) {
      const entries = Object.entries(isMap(value) ? value : {});
      if (entries.length === 0) return undefined;
      return Object.fromEntries(
        entries.map(([key, one]) => [key, this.#value(field, one, `${path}.${key}`)]),
      );
    }
    if (field.repeated) {
      if (!Array.isArray(value)) throw new Error(`The fake has no list at ${path}.`);
      if (value.length === 0) return undefined;
      return value.map((one: unknown, index) => this.#value(field, one, `${path}[${index}]`));
    }
    const written = this.#value(field, value, path);
    const isMessage = SCALARS[typeNameOf(field)] === undefined && !enumOf(field);
    if (!isMessage && !hasPresence(field)) {
      const zero = enumOf(field)?.valuesById[0];
      if (isZero(written) || (zero !== undefined && written === zero)) return undefined;
    }
    return written;
  }

  #value(field: ProtoField, value: unknown, path: string): unknown {
    const enumeration = enumOf(field);
    if (enumeration) {
      const number = typeof value === 'number' ? value : enumeration.values[textOf(value)];
      const text = number === undefined ? undefined : enumeration.valuesById[number];
      if (text === undefined) throw new Error(`The fake writes an unknown enum at ${path}.`);
      return this.#options.enumsAsNumbers === true ? number : text;
    }
    const type = typeNameOf(field);
    if (type === 'google.protobuf.Any') return this.#any(value, path);
    const reader = SCALARS[type] ?? WELL_KNOWN[type];
    if (!reader) return this.message(messageOf(field) ?? this.#schema.message(type), value, path);
    const read = reader(value, path);
    if ('wrong' in read) throw new Error(`The fake writes a wrong value: ${read.wrong}`);
    return read.value;
  }

  #any(value: unknown, path: string): unknown {
    if (!isMap(value)) throw new Error(`The fake has no message at ${path}.`);
    const { '@type': url, ...rest } = value;
    const type = this.#schema.find(textOf(url).replace(/^.*\//, ''));
    return type ? { '@type': url, ...this.message(type, rest, path) } : value;
  }
}
