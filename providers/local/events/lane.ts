import type { Clock, FunctionRef, HandlerKind, NormalEvent, Random } from 'polyfaas/spi';
import type { EventCall, LocalStore } from '../ports.ts';
import type { Outcome } from './outcomes.ts';

/** What can be bound here: everything but http, which the gateway serves. */
export type LaneEvent = Exclude<NormalEvent, { readonly type: 'http' }>;

/** What people know a lane by. */
export interface LaneName {
  readonly ref: FunctionRef;
  /** Undefined for asynchronous invocations. */
  readonly bindingId?: string | undefined;
  readonly event?: LaneEvent | undefined;
}

/** One source's way into one function: a binding, or the asynchronous invocations of the function. */
export interface Lane extends LaneName {
  /** Never used again once the lane is gone. */
  readonly id: number;
  event: LaneEvent | undefined;
  /** Deliveries under way. */
  inFlight: number;
  /** Its function was removed: what was under way was given up with the rest, whatever it comes to. */
  isForgotten: boolean;
  /** True when there may be something to take that `nextDueMs` does not know of. */
  dirty: boolean;
  nextDueMs: number | undefined;
  /** How often the function said that it is at its limit, since it last took a call. */
  refusedInRow: number;
  /** Its events could not be taken, or an outcome not be written down: neither is tried before. */
  asideUntilMs: number;
  asideInRow: number;
}

/** One call that is to be made. */
export interface Job {
  readonly lane: Lane;
  /** Names it among those of its lane that are under way. */
  readonly key: string;
  readonly call: EventCall;
  /** Writes down what it came to. Runs in a transaction, which may be repeated when it failed. */
  finish(outcome: Outcome, nowMs: number): void;
}

/** What a lane has at the moment: a job, or the time at which it may have one. */
export interface Claim {
  readonly job?: Job;
  readonly nextDueMs?: number | undefined;
}

/** Takes work of one kind of source. Both methods run in a transaction. */
export interface LaneEngine {
  /** Deliveries of one lane that may be under way at once. */
  readonly maxInFlight: number;
  claim(lane: Lane, nowMs: number): Claim;
}

export type LaneEngines = Readonly<Record<Exclude<HandlerKind, 'http'>, LaneEngine>>;

/** What all parts of the platform work with. */
export interface EventParts {
  readonly store: LocalStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly warn: (message: string, fields: { readonly [key: string]: string | number }) => void;
  /** Writes an error into the function's own log. */
  readonly tell: (
    ref: FunctionRef,
    message: string,
    fields: { readonly [key: string]: string | number },
  ) => void;
}

/** The kind of call that a lane makes. */
export function kindOf(lane: Lane): Exclude<HandlerKind, 'http'> {
  return lane.event?.type ?? 'invoke';
}

export function isEnabled(lane: Lane): boolean {
  return lane.event?.enabled ?? true;
}

/** Names a source across kinds: `queue:orders`. Lanes of the same source are woken together. */
export function sourceOf(event: LaneEvent): string {
  return event.type === 'schedule' ? 'schedule' : `${event.type}:${sourceNameOf(event)}`;
}

function sourceNameOf(event: Exclude<LaneEvent, { readonly type: 'schedule' }>): string {
  if (event.type === 'queue') return event.queue;
  if (event.type === 'topic') return event.topic;
  if (event.type === 'object') return event.bucket;
  if (event.type === 'stream') return event.stream;
  return event.type === 'table' ? event.table : event.bus;
}

/** Where a delivery of this lane comes from, for people: `queue:orders`, `schedule:nightly`, `async:orders`. */
export function originOf(lane: LaneName): string {
  if (lane.event === undefined) return `async:${lane.ref.name}`;
  return lane.event.type === 'schedule' ? `schedule:${lane.bindingId}` : sourceOf(lane.event);
}

/** For warnings: which function, by which binding. */
export function describeLane(lane: LaneName): { readonly [key: string]: string } {
  const { app, stage, name } = lane.ref;
  return {
    app,
    stage,
    function: name,
    origin: originOf(lane),
    ...(lane.bindingId === undefined ? {} : { binding: lane.bindingId }),
  };
}
