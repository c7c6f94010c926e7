/**
 * What polyfaas remembers of a function besides its versions: its bindings, and what it made for them. It lives in the
 * function's own tags, so that one read brings it along with the configuration. The shim reads it too, so this module
 * imports nothing: zlib, which takes a cold start more than a millisecond, is loaded when it is needed.
 */
import type { Binding } from 'polyfaas/spi';

/** A source, or another resource, that was made because of `create: true`. */
export interface MadeSource {
  readonly kind: 'queue' | 'topic' | 'bucket' | 'stream' | 'table' | 'bus';
  readonly name: string;
}

export interface FunctionRecord {
  /** The bindings as they are; those named in `pending`, as they are about to be. */
  readonly bindings: readonly Binding[];
  /** Ids of bindings (also of those that are about to go) whose resources may be only half done. */
  readonly pending: readonly string[];
  /** What `remove` takes away with the function. */
  readonly made: readonly MadeSource[];
  /** The settings that belong to no version, once they are all applied, as a text of the planner's; empty before. */
  readonly settings: string;
  /** The origin of the HTTP routes. */
  readonly url: string | null;
  /** Of the operation that wrote it: no two records of one function have the same, whatever else they tell. Empty before. */
  readonly mark: string;
}

export const EMPTY_RECORD: FunctionRecord = {
  bindings: [],
  pending: [],
  made: [],
  settings: '',
  url: null,
  mark: '',
};

/** Tags say whose a resource is. */
export const TAG = {
  app: 'polyfaas:app',
  stage: 'polyfaas:stage',
  function: 'polyfaas:function',
  /** `polyfaas:state-0`, `polyfaas:state-1`, ... hold the record. */
  state: 'polyfaas:state-',
  /** There from when a removal begins to take things away: what the record names is half done. */
  removing: 'polyfaas:removing',
  /** What may be there that no record tells of: `calling` or `silent`. */
  remains: 'polyfaas:remains',
} as const;

/** A tag's value has at most 256 characters (Lambda API reference, `TagResource`). */
const TAG_VALUE_LENGTH = 256;
/** A resource has at most 50 tags; some are left to the user. */
export const MAX_STATE_TAGS = 36;

/** The record as tags, or undefined when it is too long for them. */
export function encodeRecord(record: FunctionRecord): Readonly<Record<string, string>> | undefined {
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

// Only this adapter writes these tags; a hand that changed them gets "no record", never a crash.
function isRecord(value: unknown): value is FunctionRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'bindings' in value &&
    Array.isArray(value.bindings)
  );
}
