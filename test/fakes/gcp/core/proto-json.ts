/**
 * Proto3 JSON, as strict as Google's front is: what comes in is checked against the vendor's protos and brought to a
 * normal form; what goes out is written as the APIs write it. The normal form is JSON too: names in camelCase, enums as
 * texts, 64-bit numbers as texts, bytes as base64, times and durations as texts; fields that have their zero are not there.
 */
import { GoogleFault } from './fault.ts';
import { applyMask, pathsOf } from './field-mask.ts';
import { isMap, textOf, type JsonMap } from './json.ts';
import { ProtoDecoder } from './proto-decoder.ts';
import { ProtoEncoder, type EncodeOptions } from './proto-encoder.ts';
import {
  fieldOf,
  isOutputOnly,
  keyTypeOf,
  messageOf,
  ProtoSchema,
  snakeOf,
  type ProtoField,
  type ProtoPackage,
  type ProtoType,
} from './proto-schema.ts';

export { applyMask } from './field-mask.ts';
export type { EncodeOptions } from './proto-encoder.ts';
export type { ProtoPackage } from './proto-schema.ts';

export interface ProtoJson {
  /**
   * Checks a body and brings it to its normal form.
   *
   * @param message `Function`, `CreateFunctionRequest`, `google.iam.v1.Policy`
   * @param at the field of the request that the body is (`function`), for messages; empty when it is the request itself
   * @throws GoogleFault INVALID_ARGUMENT for unknown names, unknown enum texts and values of a wrong type
   */
  decode(message: string, json: unknown, at?: string): JsonMap;
  /** The same for the parameters of a query, without those of the path and those that every API has (`$alt`, `key`). */
  decodeQuery(message: string, query: URLSearchParams): JsonMap;
  /** Writes a value in its normal form as an API does. A value that does not fit is a mistake of the fake: it throws. */
  encode(message: string, value: unknown, options?: EncodeOptions): JsonMap;
  /** Without the fields that only the API writes. */
  inputOf(message: string, value: JsonMap): JsonMap;
  /**
   * The paths of an `updateMask` in camelCase. Empty for none.
   *
   * @throws GoogleFault INVALID_ARGUMENT for a path that the message does not have, or that goes into a map
   */
  maskOf(message: string, mask: unknown): readonly string[];
  applyMask(current: JsonMap, wish: JsonMap, paths: readonly string[]): JsonMap;
}

const made = new Map<ProtoPackage, ProtoJson>();

/** Of the package `@google-cloud/NAME`. */
export function protoJson(name: ProtoPackage): ProtoJson {
  const known = made.get(name) ?? createProtoJson(name);
  made.set(name, known);
  return known;
}

export function wantsEnumNumbers(query: URLSearchParams): boolean {
  return /;\s*enum-encoding=int/.test(query.get('$alt') ?? query.get('alt') ?? '');
}

function createProtoJson(name: ProtoPackage): ProtoJson {
  const schema = new ProtoSchema(name);
  return {
    decode(message, json, at = '') {
      const walk = new ProtoDecoder(schema);
      const value = walk.message(schema.message(message), json ?? {}, at);
      walk.refuse();
      return value;
    },
    decodeQuery(message, query) {
      const walk = new ProtoDecoder(schema);
      const value = walk.query(schema.message(message), query);
      walk.refuse();
      return value;
    },
    encode: (message, value, options = {}) =>
      new ProtoEncoder(schema, options).message(schema.message(message), value, message),
    inputOf: (message, value) => inputOf(schema.message(message), value),
    maskOf(message, mask) {
      const paths = pathsOf(textOf(mask));
      for (const path of paths) checkPath(schema.message(message), path);
      return paths;
    },
    applyMask,
  };
}

function inputOf(type: ProtoType, value: JsonMap): JsonMap {
  const kept: Record<string, unknown> = {};
  for (const [name, one] of Object.entries(value)) {
    const field = fieldOf(type, name);
    if (!field || isOutputOnly(field)) continue;
    const inner = keyTypeOf(field) === undefined && !field.repeated ? messageOf(field) : undefined;
    kept[field.name] = inner && isMap(one) ? inputOf(inner, one) : one;
  }
  return kept;
}

function checkPath(type: ProtoType, path: string): void {
  if (path === '*') return;
  let holder: ProtoType | undefined = type;
  for (const name of path.split('.')) {
    const field: ProtoField | undefined = holder && fieldOf(holder, name);
    if (!field) {
      const told = path.split('.').map(snakeOf).join('.');
      throw new GoogleFault(
        'INVALID_ARGUMENT',
        `Invalid field mask: the path "${told}" is not a field of ${type.fullName.slice(1)}.`,
      );
    }
    holder = keyTypeOf(field) === undefined && !field.repeated ? messageOf(field) : undefined;
  }
}
