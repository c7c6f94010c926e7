import { afterEach } from 'vitest';
import { createEventPlatform } from '../../../providers/local/events/index.ts';
import type { Dispatch, EventCall, EventPlatform } from '../../../providers/local/ports.ts';
import { openStore } from '../../../providers/local/store/index.ts';
import type { LocalStore } from '../../../providers/local/ports.ts';
import type { Binding, FunctionRef, JsonObject, JsonValue } from '../../../src/spi/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { temporaryFolders } from '../local-store/temporary-folder.ts';

export interface SeenCall extends EventCall {
  readonly ref: FunctionRef;
}

export type Handler = (
  call: SeenCall,
  signal: AbortSignal,
) => JsonValue | void | Promise<JsonValue | void>;

/** A platform whose functions are callbacks, on a clock that the test moves. */
export interface Bench {
  readonly folder: string;
  readonly store: LocalStore;
  readonly platform: EventPlatform;
  readonly clock: ManualClock;
  /** The time that calls live in. */
  readonly realTime: ManualClock;
  readonly calls: SeenCall[];
  readonly warnings: { readonly message: string; readonly fields: JsonObject }[];
  /** What functions find in their own logs. */
  readonly told: Bench['warnings'];
  /** The handler of a function; an absent one answers null. */
  handle(name: string, handler: Handler): void;
  /** Moves the clock from one due time to the next until nothing is left to wait for. */
  drain(): Promise<void>;
  /** Closes the store in the middle of everything, as a killed process leaves it, and opens it anew; not started. */
  crash(): Bench;
  /** Stops in order, and opens anew; not started. */
  restart(): Promise<Bench>;
}

export const ref = (name: string): FunctionRef => ({ app: 'shop', stage: 'dev', name });

export const bind = (id: string, event: Binding['event']): Binding => ({
  id,
  origin: 'spec',
  event,
});

/** Random but the same each time. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A clock that can be set, as the clock of a machine can: what waits for it goes on waiting as long as before. */
export class SetClock extends ManualClock {
  #offsetMs = 0;

  override now(): number {
    return super.now() + this.#offsetMs;
  }

  /** Sets it forward, or back. */
  set(byMs: number): void {
    this.#offsetMs += byMs;
  }
}

/** Gives benches that are closed and removed after the test. */
export function benches(): (options?: { readonly clock?: ManualClock }) => Bench {
  const newFolder = temporaryFolders();
  const open: Bench[] = [];
  afterEach(async () => {
    for (const bench of open.splice(0)) {
      await bench.platform.stop(0);
      bench.store.close();
    }
  });

  const make = (folder: string, clock: ManualClock, handlers: Map<string, Handler>): Bench => {
    const store = openStore({ folder, durability: 'process' });
    const calls: SeenCall[] = [];
    const warnings: Bench['warnings'] = [];
    const told: Bench['told'] = [];
    const realTime = new ManualClock();
    const dispatch: Dispatch = async (target, call, signal) => {
      const seen = { ...call, ref: target };
      calls.push(seen);
      return (await handlers.get(target.name)?.(seen, signal)) ?? null;
    };
    const platform = createEventPlatform({
      store,
      dispatch,
      clock,
      realTime,
      random: seeded(7),
      warn: (message, fields) => warnings.push({ message, fields }),
      tell: (target, message, fields) =>
        told.push({ message, fields: { ...fields, function: target.name } }),
    });
    const bench: Bench = {
      folder,
      store,
      platform,
      clock,
      realTime,
      calls,
      warnings,
      told,
      handle: (name, handler) => void handlers.set(name, handler),
      async drain() {
        await platform.settle();
        while (clock.nextAt !== undefined) {
          await clock.advance(clock.nextAt - clock.now());
          await platform.settle();
        }
      },
      crash() {
        store.close();
        return make(folder, clock, handlers);
      },
      async restart() {
        await platform.stop(0);
        store.close();
        return make(folder, clock, handlers);
      },
    };
    open.push(bench);
    return bench;
  };
  return ({ clock = new ManualClock() } = {}) => make(newFolder(), clock, new Map());
}

const RETRY = {
  maxAttempts: 3,
  backoff: 'fixed',
  delaySeconds: 1,
  maxDelaySeconds: 900,
  jitter: false,
} as const;

type Part<Type extends Binding['event']['type']> = Partial<
  Extract<Binding['event'], { type: Type }>
>;

const delivered = { enabled: true, create: false, retry: RETRY } as const;
const batched = { batchSize: 10, batchWindowSeconds: 0 } as const;

/** Events in their normal form, with short retries. */
export const events = {
  retry: RETRY,
  queue: (queue: string, more: Part<'queue'> = {}): Binding['event'] => ({
    type: 'queue',
    queue,
    ...delivered,
    ...batched,
    ...more,
  }),
  topic: (topic: string, more: Part<'topic'> = {}): Binding['event'] => ({
    type: 'topic',
    topic,
    ...delivered,
    ...more,
  }),
  object: (bucket: string, more: Part<'object'> = {}): Binding['event'] => ({
    type: 'object',
    bucket,
    on: ['created'],
    prefix: '',
    suffix: '',
    ...delivered,
    ...more,
  }),
  bus: (bus: string, more: Part<'bus'> = {}): Binding['event'] => ({
    type: 'bus',
    bus,
    pattern: {},
    ...delivered,
    ...more,
  }),
  stream: (stream: string, more: Part<'stream'> = {}): Binding['event'] => ({
    type: 'stream',
    stream,
    from: 'latest',
    ...delivered,
    ...batched,
    ...more,
  }),
  table: (table: string, more: Part<'table'> = {}): Binding['event'] => ({
    type: 'table',
    table,
    from: 'latest',
    ...delivered,
    ...batched,
    ...more,
  }),
  schedule: (more: Part<'schedule'> = {}): Binding['event'] => ({
    type: 'schedule',
    enabled: true,
    when: { everySeconds: 60 },
    timezone: 'UTC',
    input: null,
    ...more,
  }),
};

/** The message ids, or data, of a queue call. */
export function messagesOf(call: EventCall): { id: string; data: JsonValue; attempt: number }[] {
  return listOf(call.event, 'messages').map((message) => ({
    id: textOf(message['id']),
    data: message['data'] ?? null,
    attempt: Number(message['attempt']),
  }));
}

export function recordsOf(call: EventCall): JsonObject[] {
  return listOf(call.event, 'records');
}

function listOf(event: JsonValue, field: string): JsonObject[] {
  const list = isObject(event) ? event[field] : undefined;
  return Array.isArray(list) ? list.filter(isObject) : [];
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text itself, or its JSON. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
