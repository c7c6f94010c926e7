/**
 * Some values are JSON and yet beyond a structured clone: a proxy, `process.env`, a list with a method on it. They
 * are rare, so a plain copy is made only when sending such a value has failed.
 */
import type { JsonValue } from 'polyfaas/spi';
import type { LocalCall } from '../ports.ts';
import { isWireRequest, toWireRequest } from './http-wire.ts';
import { type CallMessage, type FromInstance, Operation } from './protocol.ts';

/** Sends a call once more, with a plain copy of its event. @returns whether it went. */
export function sendPlainCall(message: CallMessage, post: (message: CallMessage) => void): boolean {
  const [operation, slot, kind, event, ...rest] = message;
  // Made of texts, numbers and bytes, all of which can be cloned.
  if (isWireRequest(kind, event)) return false;
  return tried(() => post([operation, slot, kind, plainCopy(event), ...rest]));
}

/** Sends a reply once more, with a plain copy of its output. @returns whether it went. */
export function sendPlainReply(
  message: FromInstance,
  post: (message: FromInstance) => void,
): boolean {
  if (message[0] !== Operation.reply) return false;
  const [operation, slot, output, ...rest] = message;
  return tried(() => post([operation, slot, plainCopy(output), ...rest]));
}

/** @param later it is not sent at once, and the caller may change what it gave. */
export function eventToSend(call: LocalCall, later: boolean): CallMessage[3] {
  if (call.kind === 'http') return toWireRequest(call.event);
  return later ? plainCopy(call.event) : call.event;
}

/** A call that is not sent at once, with its event as it is now: the caller may change what it gave. */
export function asItIsNow(call: LocalCall): LocalCall {
  return call.kind === 'http' ? call : { ...call, event: plainCopy(call.event) };
}

function plainCopy(value: JsonValue): JsonValue {
  const copy: JsonValue = JSON.parse(JSON.stringify(value));
  return copy;
}

function tried(send: () => void): boolean {
  try {
    send();
    return true;
  } catch {
    return false;
  }
}
