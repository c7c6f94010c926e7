/**
 * Runs calls through everything but the user's handler, with an instance that is started ahead of its first call: V8
 * compiles a function when it first runs, and caches fill as they are used. The first call should not wait for that,
 * neither here nor there.
 */
import type { HandlerKind } from 'polyfaas/spi';
import { CallSlot } from './call-slot.ts';
import type { Deadlines } from './deadlines.ts';
import { toWireRequest } from './http-wire.ts';
import type { Outbox } from './outbox.ts';
import { type FromInstance, Operation, type ToInstance } from './protocol.ts';

const TIMES = 20;
const SAMPLE = {
  id: 7,
  name: 'sample',
  tags: ['a', 'b'],
  nested: { price: 9.99, none: null, yes: true },
  lines: Array.from({ length: 10 }, (_, index) => ({ line: index, text: 'x'.repeat(40) })),
};
const REPLY = {
  output: null,
  coldStart: false,
  durationMs: 0,
  initDurationMs: null,
  instanceId: '',
  memoryMb: 0,
};

/** One call after the other, each like a real one. */
export class Rehearsal {
  readonly #deadlines: Deadlines;
  readonly #outbox: Outbox<ToInstance>;
  readonly #slot = new CallSlot(0, {
    id: '',
    initMs: 0,
    expired: () => {},
    cancelled: () => {},
  });
  readonly #kinds: readonly HandlerKind[];
  #done = 0;
  #ended = false;

  /** @param handles what the function does not handle would only load what it never needs. */
  constructor(handles: readonly HandlerKind[], deadlines: Deadlines, outbox: Outbox<ToInstance>) {
    this.#kinds = handles.filter((kind) => kind === 'invoke' || kind === 'http');
    this.#deadlines = deadlines;
    this.#outbox = outbox;
  }

  /** @param hurried a call waits for the instance. */
  next(hurried: boolean): void {
    const kind = this.#kinds[this.#done % this.#kinds.length];
    if (hurried || kind === undefined || this.#done >= TIMES * this.#kinds.length) {
      this.#end();
      return;
    }
    this.#done += 1;
    const ignore = (): void => {};
    this.#slot.take(undefined, false, ignore, ignore);
    this.#deadlines.add(this.#slot);
    this.#outbox.send([Operation.call, 0, kind, eventOf(kind), 'rehearsal', 1, undefined]);
  }

  /** @returns whether the message was the answer to a call of the rehearsal. */
  takes(message: FromInstance, hurried: boolean): boolean {
    switch (message[0]) {
      case Operation.reply:
      case Operation.httpReply:
        this.#slot.succeed(REPLY);
        this.#free();
        this.next(hurried);
        return true;
      case Operation.failure:
      case Operation.streamEnd:
      case Operation.streamFailure:
        // The user's code has changed what the rehearsal is made of. It was worth a try.
        this.#free();
        this.#end();
        return true;
      case Operation.streamHead:
      case Operation.chunk:
        return true;
      default:
        return false;
    }
  }

  #free(): void {
    this.#deadlines.remove(this.#slot);
    this.#slot.free();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#outbox.send([Operation.rehearsed]);
  }
}

function eventOf(kind: HandlerKind): Extract<ToInstance, { 0: typeof Operation.call }>[3] {
  if (kind !== 'http') return SAMPLE;
  return toWireRequest({
    method: 'POST',
    url: 'http://localhost/',
    headers: ['content-type', 'application/json'],
    body: new Uint8Array([123, 125]),
    http: { route: '/', params: {} },
  });
}
