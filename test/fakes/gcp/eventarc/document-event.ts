/**
 * `google.events.cloud.firestore.v1.DocumentEventData`, by the field numbers of the public protos (googleapis/
 * google-cloudevents), encoded with the vendor's own library for protocol buffers.
 */
import protobuf, { type IField, type IMapField } from 'protobufjs';

const field = (type: string, id: number): IField => ({ type, id });
const list = (type: string, id: number): IField => ({ rule: 'repeated', type, id });
const map = (type: string, id: number): IMapField => ({ keyType: 'string', type, id });

const root = protobuf.Root.fromJSON({
  nested: {
    Timestamp: { fields: { seconds: field('int64', 1), nanos: field('int32', 2) } },
    LatLng: { fields: { latitude: field('double', 1), longitude: field('double', 2) } },
    ArrayValue: { fields: { values: list('Value', 1) } },
    MapValue: { fields: { fields: map('Value', 1) } },
    Value: {
      oneofs: {
        valueType: {
          oneof: [
            'nullValue',
            'booleanValue',
            'integerValue',
            'doubleValue',
            'timestampValue',
            'stringValue',
            'bytesValue',
            'referenceValue',
            'geoPointValue',
            'arrayValue',
            'mapValue',
          ],
        },
      },
      fields: {
        nullValue: field('int32', 11),
        booleanValue: field('bool', 1),
        integerValue: field('int64', 2),
        doubleValue: field('double', 3),
        timestampValue: field('Timestamp', 10),
        stringValue: field('string', 17),
        bytesValue: field('bytes', 18),
        referenceValue: field('string', 5),
        geoPointValue: field('LatLng', 8),
        arrayValue: field('ArrayValue', 9),
        mapValue: field('MapValue', 6),
      },
    },
    Document: {
      fields: {
        name: field('string', 1),
        fields: map('Value', 2),
        createTime: field('Timestamp', 3),
        updateTime: field('Timestamp', 4),
      },
    },
    DocumentMask: { fields: { fieldPaths: list('string', 1) } },
    DocumentEventData: {
      fields: {
        value: field('Document', 1),
        oldValue: field('Document', 2),
        updateMask: field('DocumentMask', 3),
      },
    },
  },
});

const DATA = root.lookupType('DocumentEventData');

export interface DocumentState {
  /** `projects/p/databases/d/documents/users/7` */
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly createdMs: number;
  readonly updatedMs: number;
}

export function encodeDocumentEvent(
  after: DocumentState | undefined,
  before: DocumentState | undefined,
): Buffer {
  const changed =
    after && before
      ? Object.keys({ ...after.fields, ...before.fields }).filter(
          (name) => JSON.stringify(after.fields[name]) !== JSON.stringify(before.fields[name]),
        )
      : [];
  const message = DATA.fromObject({
    ...(after && { value: documentOf(after) }),
    ...(before && { oldValue: documentOf(before) }),
    ...(changed.length > 0 && { updateMask: { fieldPaths: changed } }),
  });
  return Buffer.from(DATA.encode(message).finish());
}

function documentOf({ name, fields, createdMs, updatedMs }: DocumentState): object {
  return {
    name,
    fields: Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, valueOf(value)])),
    createTime: timestampOf(createdMs),
    updateTime: timestampOf(updatedMs),
  };
}

/** Numbers without a fraction are integers, as the client libraries have it. */
function valueOf(value: unknown): object {
  if (value === null || value === undefined) return { nullValue: 0 };
  if (typeof value === 'boolean') return { booleanValue: value };
  if (typeof value === 'bigint') return { integerValue: String(value) };
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? { integerValue: value } : { doubleValue: value };
  }
  if (typeof value === 'string') return { stringValue: value };
  if (value instanceof Date) return { timestampValue: timestampOf(value.getTime()) };
  if (value instanceof Uint8Array) return { bytesValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(valueOf) } };
  return {
    mapValue: {
      fields: Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [key, valueOf(inner)]),
      ),
    },
  };
}

function timestampOf(ms: number): object {
  return { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1e6 };
}
