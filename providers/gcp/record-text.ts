/** The record of a function as an annotation, and back. */
import { EMPTY_RECORD, type FunctionRecord } from './record.ts';

/** All annotations of a secret together have at most 16 KiB (Secret Manager, "Secret.annotations"). */
const MAX_LENGTH = 15_000;

/**
 * The value of the annotation, or undefined when it would be too long.
 *
 * @param reserve so much is left free, in characters.
 */
export function encodeRecord(record: object, reserve = 0): string | undefined {
  const { deflateRawSync } = process.getBuiltinModule('node:zlib');
  const packed = deflateRawSync(JSON.stringify(record), { level: 9 }).toString('base64url');
  return packed.length > MAX_LENGTH - reserve ? undefined : packed;
}

/** The record that the annotation holds; undefined when there is none, or it cannot be read. */
export function decodeRecord(text: string | undefined): FunctionRecord | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    const { inflateRawSync } = process.getBuiltinModule('node:zlib');
    const json = inflateRawSync(Buffer.from(text, 'base64url')).toString('utf8');
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? { ...EMPTY_RECORD, ...value } : undefined;
  } catch {
    return undefined;
  }
}

// Only this adapter writes the annotation; a hand that changed it gets "no record", never a crash.
function isRecord(value: unknown): value is FunctionRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'bindings' in value &&
    Array.isArray(value.bindings) &&
    'versions' in value &&
    Array.isArray(value.versions)
  );
}
