/** DynamoDB streams. */
import type { JsonObject, JsonValue, TableBatch, TableRecord } from 'polyfaas/function';
import { type Fields, fieldsOf, isFields, jsonOf, nameOfArn, textOf, timeOf } from '../json.ts';

export function tableBatch(records: readonly Fields[]): TableBatch {
  return {
    source: nameOfArn(textOf(records[0]?.['eventSourceARN'])),
    records: records.map(tableRecord),
  };
}

const TYPES: Readonly<Partial<Record<string, TableRecord['type']>>> = {
  INSERT: 'insert',
  MODIFY: 'modify',
  REMOVE: 'remove',
};

function tableRecord(record: Fields): TableRecord {
  const { Keys, NewImage, OldImage, SequenceNumber, ApproximateCreationDateTime } = fieldsOf(
    record['dynamodb'],
  );
  return {
    sequenceNumber: textOf(SequenceNumber),
    type: TYPES[textOf(record['eventName'])] ?? 'modify',
    time: timeOf(Number(ApproximateCreationDateTime) * 1_000),
    key: plainMap(fieldsOf(Keys)),
    ...(isFields(NewImage) ? { newImage: plainMap(NewImage) } : {}),
    ...(isFields(OldImage) ? { oldImage: plainMap(OldImage) } : {}),
  };
}

/** `{ id: { N: '7' } }` becomes `{ id: 7 }`. */
export function plainMap(attributes: Fields): JsonObject {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, plain(value)]));
}

/** Sets become lists, and bytes stay base64. A number that JavaScript cannot hold exactly stays a text. */
function plain(attribute: unknown): JsonValue {
  const [type, value] = Object.entries(fieldsOf(attribute))[0] ?? ['NULL', true];
  switch (type) {
    case 'NULL':
      return null;
    case 'N':
      return plainNumber(textOf(value));
    case 'M':
      return plainMap(fieldsOf(value));
    case 'L':
      return Array.isArray(value) ? value.map(plain) : [];
    case 'NS':
      return Array.isArray(value) ? value.map((item) => plainNumber(textOf(item))) : [];
    default:
      // S, BOOL, B, SS and BS are JSON as they are.
      return jsonOf(value);
  }
}

function plainNumber(text: string): JsonValue {
  const number = Number(text);
  // Any 15 digits come back as they were (IEEE 754), and often more.
  const digits = text.replace(/e.*$/i, '').replaceAll(/\D/g, '').replace(/^0+/, '').length;
  const isExact = Number.isInteger(number)
    ? Number.isSafeInteger(number)
    : digits <= 15 || String(number) === text;
  return Number.isFinite(number) && isExact ? number : text;
}
