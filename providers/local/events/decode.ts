/** Decoders of JSON that this provider itself wrote into its tables, and the check of what senders give. */
import { toJson } from 'polyfaas/function';
import { ServerlessError } from 'polyfaas/spi';
import type { AsyncPolicy, FunctionRef, JsonObject, JsonValue, TraceContext } from 'polyfaas/spi';
import type { Split } from './cursor-progress.ts';
import type { LaneEvent } from './lane.ts';
import type { LeavingEvent } from './leaving.ts';

/** Where a dead letter goes when it is sent back. */
export type ReturnAddress =
  | {
      readonly to: 'queue';
      readonly queue: string;
      readonly group: string | null;
      /** What the message carried when it was in a dead-letter queue itself. */
      readonly dead: DeadMark | null;
    }
  | {
      readonly to: 'function';
      readonly event: JsonValue;
      readonly requestId: string;
      readonly policy: AsyncPolicy | null;
      readonly trace?: TraceContext | undefined;
    }
  /** What was stored is damaged: it stays where it is. */
  | { readonly to: 'nowhere' };

/** What is remembered with a dead letter. */
export interface DeadMark {
  readonly attempts: number;
  readonly lastError: string;
  readonly origin: string;
  readonly function: FunctionRef;
  readonly bindingId: string | null;
  readonly back: ReturnAddress;
}

export function decodeEvent(text: string): LaneEvent | undefined {
  const event: LaneEvent | null = JSON.parse(text);
  return event ?? undefined;
}

export function decodeDeadMark(text: string): DeadMark {
  const mark: DeadMark = JSON.parse(text);
  return mark;
}

export function decodeLeaving(text: string): LeavingEvent {
  const leaving: LeavingEvent = JSON.parse(text);
  return leaving;
}

export function decodeSplit(text: string): Split {
  const split: Split = JSON.parse(text);
  return split;
}

export function decodePolicy(text: string): AsyncPolicy {
  const policy: AsyncPolicy = JSON.parse(text);
  return policy;
}

export function decodeTrace(text: string): TraceContext {
  const trace: TraceContext = JSON.parse(text);
  return trace;
}

/** What `decode` makes of a text, or undefined when the text is damaged. */
export function decoded<Value>(decode: (text: string) => Value, text: string): Value | undefined {
  try {
    return decode(text);
  } catch {
    return undefined;
  }
}

export function decodeJson(text: string): JsonValue {
  const value: JsonValue = JSON.parse(text);
  return value;
}

export function decodeObject(text: string): JsonObject {
  const value: JsonObject = JSON.parse(text);
  return value;
}

export function decodeAttributes(text: string): Readonly<Record<string, string>> {
  const attributes: Readonly<Record<string, string>> = JSON.parse(text);
  return attributes;
}

/**
 * What a sender gave, as JSON.
 * @param what names it in the error: `The item`.
 * @throws ServerlessError INVALID_ARGUMENT when JSON would lose something of it.
 */
export function checkJson(value: unknown, what: string): JsonValue {
  try {
    return toJson(value);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      provider: 'local',
      message: `${what} cannot be sent: ${reason}. Send plain objects, lists, strings, finite numbers, booleans or null.`,
      cause,
    });
  }
}

/** As {@link checkJson}, as the text that is stored. */
export function encodeJson(value: unknown, what: string): string {
  return JSON.stringify(checkJson(value, what));
}

/** RFC 3339 in UTC. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
