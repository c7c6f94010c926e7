/** What Lambda was called with: our own envelope, an event of AWS, or somebody's input. */
import { type EnvelopeHead, MARK } from '../envelope.ts';
import { type Fields, isFields, listOf } from './json.ts';

/** What kind of call it is, and what it is made of. */
export type Recognised =
  | { readonly kind: 'enveloped'; readonly head: EnvelopeHead; readonly data: unknown }
  | { readonly kind: 'http'; readonly event: Fields }
  | { readonly kind: RecordKind; readonly records: readonly Fields[] }
  | { readonly kind: 'bus'; readonly event: Fields }
  | { readonly kind: 'invoke'; readonly data: unknown };

export type RecordKind = 'queue' | 'stream' | 'table' | 'object' | 'topic';

/** A map: whoever calls may write anything there, `constructor` too. */
const SOURCES: ReadonlyMap<unknown, RecordKind> = new Map([
  ['aws:sqs', 'queue'],
  ['aws:kinesis', 'stream'],
  ['aws:dynamodb', 'table'],
  ['aws:s3', 'object'],
  ['aws:sns', 'topic'],
]);

const HEADS: ReadonlySet<unknown> = new Set(['invoke', 'warm', 'verify', 'schedule', 'bus']);

/** Only unmarked input is judged by its shape. */
export function recognise(event: unknown): Recognised {
  if (!isFields(event)) return { kind: 'invoke', data: event };
  const head = event[MARK];
  if (isHead(head)) return { kind: 'enveloped', head, data: event['data'] ?? null };
  if (Array.isArray(event['Records'])) {
    const records = listOf(event['Records']);
    const source = records[0]?.['eventSource'] ?? records[0]?.['EventSource'];
    const kind = SOURCES.get(source);
    if (kind !== undefined) return { kind, records };
  }
  const { requestContext } = event;
  if (event['version'] === '2.0' && isFields(requestContext) && isFields(requestContext['http'])) {
    return { kind: 'http', event };
  }
  const isBusEvent =
    typeof event['detail-type'] === 'string' &&
    typeof event['source'] === 'string' &&
    typeof event['id'] === 'string' &&
    'detail' in event;
  return isBusEvent ? { kind: 'bus', event } : { kind: 'invoke', data: event };
}

// Only this library makes what carries its mark; a kind of a later version is taken for input, and fails aloud.
function isHead(value: unknown): value is EnvelopeHead {
  return isFields(value) && HEADS.has(value['kind']);
}
