/** What goes over the wire, and what comes back. */
import { type JsonValue, ServerlessError } from 'polyfaas/spi';
import { type EnvelopeHead, MARK, type ReplyHead } from '../envelope.ts';

/** AWS Lambda quotas: 6 MB for a call that waits for its answer, 1 MB for one that does not. */
export const PAYLOAD_BYTES = { sync: 6_291_456, async: 1_048_576 } as const;

/**
 * The input as JSON, in our envelope where there is a head.
 *
 * @throws ServerlessError PAYLOAD_TOO_LARGE when the envelope is what makes it too large.
 */
export function encodePayload(
  name: string,
  mode: 'sync' | 'async',
  input: JsonValue,
  head: EnvelopeHead | undefined,
): Buffer {
  const data = JSON.stringify(input);
  const payload = Buffer.from(
    head === undefined ? data : `{"${MARK}":${JSON.stringify(head)},"data":${data}}`,
  );
  const limit = PAYLOAD_BYTES[mode];
  if (payload.byteLength <= limit) return payload;
  throw new ServerlessError({
    code: 'PAYLOAD_TOO_LARGE',
    provider: 'aws',
    function: name,
    message: `The input of ${name}, with what is sent beside it, is ${payload.byteLength} bytes; a ${mode} invocation takes at most ${limit}. Put the data in a bucket and send its key.`,
    details: { bytes: payload.byteLength, limit, mode },
  });
}

/** The JSON of a reply; null for none, and a text for what is no JSON. */
export function decodePayload(bytes: Uint8Array | undefined): JsonValue {
  if (bytes === undefined || bytes.byteLength === 0) return null;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}

/** What the shim says of the call; undefined for an answer without our envelope. */
export function openReply(
  value: JsonValue,
): { readonly head: ReplyHead; readonly data: JsonValue } | undefined {
  if (typeof value !== 'object' || value === null || !(MARK in value)) return undefined;
  const head: unknown = value[MARK];
  const data = 'data' in value ? value['data'] : null;
  return isReplyHead(head) ? { head, data: data ?? null } : undefined;
}

// Only our own shim answers with this mark.
function isReplyHead(value: unknown): value is ReplyHead {
  return typeof value === 'object' && value !== null && 'instanceId' in value;
}
