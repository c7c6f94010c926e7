/** The record of a function as tags, and back. */
import { EMPTY_RECORD, TAG, type FunctionRecord } from './record.ts';

/** A tag's value has at most 256 characters (Azure Resource Manager, "tag limitations"). */
const TAG_VALUE_LENGTH = 256;
/** A resource has at most 50 tags; some are left to the user. */
export const MAX_STATE_TAGS = 36;
/** All that a resource can have. */
export const MAX_TAGS = 50;

/** The record as tags, or undefined when it is too long for them. */
export function encodeRecord(record: object): Readonly<Record<string, string>> | undefined {
  const { deflateRawSync } = process.getBuiltinModule('node:zlib');
  const packed = deflateRawSync(JSON.stringify(record), { level: 9 }).toString('base64url');
  // The number of parts stands in front, so that parts left over from a longer record do no harm.
  const count = Math.ceil((packed.length + 3) / TAG_VALUE_LENGTH);
  if (count > MAX_STATE_TAGS) return undefined;
  const text = `${String(count).padStart(2, '0')}:${packed}`;
  const tags: Record<string, string> = {};
  for (let index = 0; index < count; index += 1) {
    tags[`${TAG.state}${index}`] = text.slice(
      index * TAG_VALUE_LENGTH,
      (index + 1) * TAG_VALUE_LENGTH,
    );
  }
  return tags;
}

/** The record that tags hold; undefined when there is none, or it cannot be read. */
export function decodeRecord(tags: Readonly<Record<string, string>>): FunctionRecord | undefined {
  const head = tags[`${TAG.state}0`];
  const count = Number(head?.slice(0, 2));
  if (head === undefined || !(count >= 1) || head[2] !== ':') return undefined;
  const parts = Array.from({ length: count }, (_, index) => tags[`${TAG.state}${index}`]);
  if (parts.includes(undefined)) return undefined;
  try {
    const { inflateRawSync } = process.getBuiltinModule('node:zlib');
    const packed = Buffer.from(parts.join('').slice(3), 'base64url');
    const value: unknown = JSON.parse(inflateRawSync(packed).toString('utf8'));
    return isRecord(value) ? { ...EMPTY_RECORD, ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** True for a tag that is no part of the record. */
export function isNoState(name: string): boolean {
  return !name.startsWith(TAG.state);
}

/** Tags without those of the record and of ownership: the user's, and others'. */
export function foreignTags(
  tags: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(tags).filter(([name]) => !name.startsWith('polyfaas-')));
}

// Only this adapter writes these tags; a hand that changed them gets "no record", never a crash.
function isRecord(value: unknown): value is FunctionRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'bindings' in value &&
    Array.isArray(value.bindings)
  );
}
