/** Values of proto3 JSON: numbers, texts, bytes, and the messages that JSON writes in a way of their own. */

/** The normal form of a value; `wrong` says why there is none, in the words of Google's front. */
export type Read = { readonly value: unknown } | { readonly wrong: string };

type Reader = (json: unknown, path: string) => Read;

const INT32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };
const UINT32 = { min: 0, max: 2 ** 32 - 1 };

function invalid(path: string, type: string, json: unknown): Read {
  return { wrong: `Invalid value at '${path}' (${type}), ${JSON.stringify(json)}` };
}

function whole(type: string, range: { readonly min: number; readonly max: number }): Reader {
  return (json, path) => {
    const number = typeof json === 'string' && /^-?\d+(?:\.0+)?$/.test(json) ? Number(json) : json;
    const isGood = typeof number === 'number' && Number.isInteger(number);
    if (!isGood || number < range.min || number > range.max) return invalid(path, type, json);
    return { value: number };
  };
}

function long(type: string, min: bigint, max: bigint): Reader {
  return (json, path) => {
    const isNumber = typeof json === 'number' && Number.isInteger(json);
    const isText = typeof json === 'string' && /^-?\d+$/.test(json);
    if (!isNumber && !isText) return invalid(path, type, json);
    const number = BigInt(json);
    return number < min || number > max ? invalid(path, type, json) : { value: String(number) };
  };
}

function floating(type: string): Reader {
  return (json, path) => {
    if (typeof json === 'number') return { value: json };
    if (json === 'NaN' || json === 'Infinity' || json === '-Infinity') return { value: json };
    const number = typeof json === 'string' && json.trim() !== '' ? Number(json) : Number.NaN;
    return Number.isNaN(number) ? invalid(path, type, json) : { value: number };
  };
}

const I64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
const U64 = { min: 0n, max: 2n ** 64n - 1n };

export const SCALARS: Readonly<Record<string, Reader>> = {
  int32: whole('TYPE_INT32', INT32),
  sint32: whole('TYPE_SINT32', INT32),
  sfixed32: whole('TYPE_SFIXED32', INT32),
  uint32: whole('TYPE_UINT32', UINT32),
  fixed32: whole('TYPE_FIXED32', UINT32),
  int64: long('TYPE_INT64', I64.min, I64.max),
  sint64: long('TYPE_SINT64', I64.min, I64.max),
  sfixed64: long('TYPE_SFIXED64', I64.min, I64.max),
  uint64: long('TYPE_UINT64', U64.min, U64.max),
  fixed64: long('TYPE_FIXED64', U64.min, U64.max),
  double: floating('TYPE_DOUBLE'),
  float: floating('TYPE_FLOAT'),
  bool: (json, path) =>
    typeof json === 'boolean' ? { value: json } : invalid(path, 'TYPE_BOOL', json),
  string: (json, path) =>
    typeof json === 'string' ? { value: json } : invalid(path, 'TYPE_STRING', json),
  bytes: (json, path) => {
    const standard = Buffer.isBuffer(json) ? json.toString('base64') : json;
    if (typeof standard !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(standard)) {
      const told = JSON.stringify(json);
      return {
        wrong: `Invalid value at '${path}' (TYPE_BYTES), Base64 decoding failed for ${told}`,
      };
    }
    return { value: Buffer.from(standard, 'base64').toString('base64') };
  },
};

const TIMESTAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;
const DURATION = /^-?\d{1,12}(?:\.\d{1,9})?s$/;

const timestamp: Reader = (json, path) => {
  const [, seconds, fraction, zone] = TIMESTAMP.exec(typeof json === 'string' ? json : '') ?? [];
  const ms = Date.parse(`${seconds ?? ''}${zone ?? ''}`);
  if (Number.isNaN(ms)) {
    const type = 'type.googleapis.com/google.protobuf.Timestamp';
    const name = nameAt(path);
    return {
      wrong: `Invalid value at '${path}' (${type}), Field '${name}', Invalid time format: Failed to parse input ${JSON.stringify(json)}`,
    };
  }
  const nanos = (fraction ?? '').replace(/0+$/, '');
  return { value: new Date(ms).toISOString().replace(/\.000Z$/, nanos ? `.${nanos}Z` : 'Z') };
};

const duration: Reader = (json, path) => {
  if (typeof json === 'string' && DURATION.test(json)) {
    return { value: json.replace(/(\.\d*?)0+s$/, '$1s').replace(/\.s$/, 's') };
  }
  const type = 'type.googleapis.com/google.protobuf.Duration';
  const name = nameAt(path);
  const why =
    typeof json === 'string' && !json.endsWith('s')
      ? "Illegal duration format; duration must end with 's'"
      : `Invalid duration format, failed to parse: ${JSON.stringify(json)}`;
  return { wrong: `Invalid value at '${path}' (${type}), Field '${name}', ${why}` };
};

const anyValue: Reader = (json) => ({ value: json });

function wrapper(scalar: string): Reader {
  return (json, path) => SCALARS[scalar]?.(json, path) ?? invalid(path, scalar, json);
}

/** By full name. `google.protobuf.Any` is not here: it holds another message. */
export const WELL_KNOWN: Readonly<Record<string, Reader>> = {
  'google.protobuf.Timestamp': timestamp,
  'google.protobuf.Duration': duration,
  'google.protobuf.FieldMask': (json, path) =>
    typeof json === 'string'
      ? { value: json }
      : invalid(path, 'type.googleapis.com/google.protobuf.FieldMask', json),
  'google.protobuf.Struct': (json, path) =>
    typeof json === 'object' && json !== null && !Array.isArray(json)
      ? { value: json }
      : invalid(path, 'type.googleapis.com/google.protobuf.Struct', json),
  'google.protobuf.Value': anyValue,
  'google.protobuf.ListValue': (json, path) =>
    Array.isArray(json)
      ? { value: json }
      : invalid(path, 'type.googleapis.com/google.protobuf.ListValue', json),
  'google.protobuf.Empty': (json, path) =>
    typeof json === 'object' && json !== null && Object.keys(json).length === 0
      ? { value: {} }
      : invalid(path, 'type.googleapis.com/google.protobuf.Empty', json),
  'google.protobuf.BoolValue': wrapper('bool'),
  'google.protobuf.StringValue': wrapper('string'),
  'google.protobuf.BytesValue': wrapper('bytes'),
  'google.protobuf.Int32Value': wrapper('int32'),
  'google.protobuf.UInt32Value': wrapper('uint32'),
  'google.protobuf.Int64Value': wrapper('int64'),
  'google.protobuf.UInt64Value': wrapper('uint64'),
  'google.protobuf.DoubleValue': wrapper('double'),
  'google.protobuf.FloatValue': wrapper('float'),
};

/** Whether a value is what a field has that nobody set. */
export function isZero(value: unknown): boolean {
  return value === 0 || value === '' || value === false || value === '0';
}

function nameAt(path: string): string {
  return path.split('.').at(-1) ?? path;
}
