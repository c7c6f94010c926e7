import type { JsonObject, JsonValue } from 'polyfaas/spi';
import { CAPABILITIES } from '../capabilities.ts';
import type { StoredDelivery } from './delivery-table.ts';
import { originOf } from './lane.ts';
import type { EventParts, Lane } from './lane.ts';

/** What a destination gets is an event like any other, as large as one may be. */
const MOST_BYTES = CAPABILITIES.limits.asyncPayloadBytes;

/** What a destination is told. */
export type Told = JsonObject & { readonly status: string };

/**
 * What is sent of an asynchronous invocation that succeeded. An answer that is too large to be sent is left out, aloud:
 * Lambda does not deliver such a record at all. The input always stays, as it was accepted.
 */
export function successOf(
  { warn, tell }: Pick<EventParts, 'warn' | 'tell'>,
  lane: Lane,
  delivery: StoredDelivery,
  output: JsonValue,
): Told {
  const { requestId, event: input } = delivery;
  const success = { requestId, function: lane.ref.name, status: 'success', input };
  const attempts = delivery.attempts + 1;
  const whole = { ...success, output, attempts };
  if (Buffer.byteLength(JSON.stringify(whole)) <= MOST_BYTES) return whole;
  const bytes = Buffer.byteLength(JSON.stringify(output));
  const fields = { origin: originOf(lane), requestId, bytes, limit: MOST_BYTES };
  const message = `What the asynchronous call ${requestId} of "${lane.ref.name}" answered was left out of what its onSuccess got: it is ${bytes} bytes of JSON, and a message has ${MOST_BYTES} at most, its input included. Put it in a bucket and answer with its key.`;
  tell(lane.ref, message, fields);
  warn(message, { ...fields, function: lane.ref.name });
  return { ...success, output: null, outputLeftOut: { bytes, limit: MOST_BYTES }, attempts };
}
