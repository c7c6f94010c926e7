/**
 * What a pool and an instance say to each other: small arrays with an operation first, because a structured clone
 * writes the names of an object's fields with every message.
 */
import type { SerializedError } from 'polyfaas/function';
import type {
  CallMeta,
  HandlerKind,
  JsonObject,
  JsonValue,
  LogLevel,
  RuntimeIdentity,
} from 'polyfaas/spi';
import type { LocalHttpResponse } from '../ports.ts';
import type { WireBody, WireRequest } from './http-wire.ts';

/** The first element of every message. */
export const Operation = {
  /** Several messages in one, in order. Both ways. */
  batch: 0,

  // To the instance.
  start: 1,
  call: 2,
  cancel: 3,
  credit: 4,
  stopStream: 5,
  readMemory: 6,
  rehearsed: 7,

  // From the instance.
  ready: 10,
  startFailed: 11,
  reply: 12,
  failure: 13,
  streamHead: 14,
  chunk: 15,
  streamEnd: 16,
  streamFailure: 17,
  log: 18,
  fatal: 19,
  memory: 20,
  httpReply: 21,
  rehearse: 22,
} as const;

/** What an instance must know before it loads the user's code. */
export interface StartSettings {
  /** With an id that costs the instance nothing to make. */
  readonly identity: RuntimeIdentity & { readonly instanceId: string };
  /** URL of the module that exports `polyfaas`. */
  readonly entryUrl: string;
  /** Started ahead of its first call: there is time to make that call fast. */
  readonly ahead: boolean;
  /** The compile cache is written so long after the start. */
  readonly cacheFlushMs: number;
  readonly isolation: 'thread' | 'process';
}

/** In place of an answer that is over the limit. */
export interface AnswerTooLarge {
  readonly answerBytes: number;
}

export type CallMessage = readonly [
  operation: typeof Operation.call,
  slot: number,
  kind: HandlerKind,
  event: JsonValue | WireRequest,
  requestId: string,
  attempt: number,
  trace: CallMeta['trace'],
];

export type ToInstance =
  | readonly [operation: typeof Operation.batch, messages: readonly ToInstance[]]
  | readonly [operation: typeof Operation.start, settings: StartSettings]
  | CallMessage
  | readonly [operation: typeof Operation.cancel, slot: number]
  | readonly [operation: typeof Operation.credit, slot: number, bytes: number]
  | readonly [operation: typeof Operation.stopStream, slot: number]
  | readonly [operation: typeof Operation.readMemory]
  /** The calls from here on are the user's. */
  | readonly [operation: typeof Operation.rehearsed];

export type LogMessage = readonly [
  operation: typeof Operation.log,
  timeMs: number,
  level: LogLevel,
  message: string,
  fields: JsonObject | undefined,
  requestId: string | undefined,
];

export type FromInstance =
  | readonly [operation: typeof Operation.batch, messages: readonly FromInstance[]]
  | readonly [operation: typeof Operation.ready, instanceId: string]
  /** It is ready for calls that a stand-in answers, of these kinds. */
  | readonly [operation: typeof Operation.rehearse, handles: readonly HandlerKind[]]
  | readonly [operation: typeof Operation.startFailed, error: SerializedError]
  | readonly [
      operation: typeof Operation.reply,
      slot: number,
      output: JsonValue,
      durationMs: number,
      usedBytes: number,
    ]
  /** A reply to `http` whose body is no stream. */
  | readonly [
      operation: typeof Operation.httpReply,
      slot: number,
      status: number,
      statusText: string,
      headers: readonly string[],
      body: WireBody,
      durationMs: number,
      usedBytes: number,
    ]
  | readonly [
      operation: typeof Operation.failure,
      slot: number,
      error: SerializedError | AnswerTooLarge,
      durationMs: number,
      usedBytes: number,
    ]
  | readonly [
      operation: typeof Operation.streamHead,
      slot: number,
      /** Its body is null; the chunks follow. */
      head: LocalHttpResponse,
      durationMs: number,
      usedBytes: number,
    ]
  | readonly [operation: typeof Operation.chunk, slot: number, bytes: Uint8Array]
  | readonly [
      operation: typeof Operation.streamEnd,
      slot: number,
      /** Of the whole call. */
      durationMs: number,
      usedBytes: number,
    ]
  | readonly [
      operation: typeof Operation.streamFailure,
      slot: number,
      error: SerializedError,
      durationMs: number,
    ]
  | LogMessage
  | readonly [operation: typeof Operation.fatal, error: SerializedError]
  | readonly [operation: typeof Operation.memory, usedBytes: number];
