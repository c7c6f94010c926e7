/** One isolated instance of the user's code, from its start to its end. */
import { randomUUID } from 'node:crypto';
import { deserializeError } from 'polyfaas/function';
import type { ServerlessError } from 'polyfaas/spi';
import type { LocalCall, LocalReply } from '../ports.ts';
import { CallSlot, type SlotOwner } from './call-slot.ts';
import { BYTES_PER_MB, isOutOfMemory } from './failures.ts';
import { refusedStart, whileStarting } from './failed-start.ts';
import { Grace } from './grace.ts';
import type { InstanceParts, InstanceState } from './instance-parts.ts';
import { fromWireReply } from './http-wire.ts';
import { InstanceLogs } from './instance-log.ts';
import { MemoryCap } from './memory-cap.ts';
import { Outbox } from './outbox.ts';
import { eventToSend, sendPlainCall } from './plain-copy.ts';
import { type CallMessage, type FromInstance, Operation, type ToInstance } from './protocol.ts';
import { Rehearsal } from './rehearsal.ts';
import { ResponseStream } from './response-stream.ts';
import type { Transport, TransportListener } from './transport.ts';

export class Instance implements SlotOwner, TransportListener {
  readonly #parts: InstanceParts;
  readonly #transport: Transport;
  readonly #outbox: Outbox<ToInstance>;
  readonly #slots: CallSlot[] = [];
  readonly #free: CallSlot[] = [];
  readonly #logs: InstanceLogs;
  readonly #memory: MemoryCap;
  readonly startedMs = performance.now();
  #startTimer: NodeJS.Timeout | undefined;
  readonly #grace = new Grace();
  #assigned = 0;
  #error: Error | undefined;
  #startError: ServerlessError | undefined;
  #rehearsal: Rehearsal | undefined;
  /** Whether it keeps this process alive. */
  #held = true;

  state: InstanceState = 'starting';
  /** Known when it is ready. */
  id = '';
  /** How long its start took. */
  initMs = 0;
  /** Slots that are taken, also by handlers whose caller has gone. */
  active = 0;
  /** Calls answered. */
  served = 0;
  /** On the pool's clock. */
  idleSinceMs = 0;
  /** True once it has used more memory than it may. */
  overMemory = false;
  /** True while the pool has it on its list of those with room. */
  listed = false;

  /** @param ahead no call waits for it yet. */
  constructor(parts: InstanceParts, ahead: boolean) {
    this.#parts = parts;
    this.#logs = new InstanceLogs(parts.listener, parts.positions);
    const { transport } = parts;
    const identity = { ...transport.identity, instanceId: randomUUID(), startedAhead: ahead };
    this.#transport = parts.createTransport(
      { ...transport, start: { ...transport.start, identity, ahead } },
      this,
    );
    this.#outbox = new Outbox<ToInstance>(
      (message) => this.#transport.post(message),
      (message, error) => this.#unsendable(message, error),
    );
    this.#memory = new MemoryCap({
      limitBytes: transport.memoryMb * BYTES_PER_MB,
      isolation: transport.start.isolation,
      starting: () => this.state === 'starting',
      read: () => this.#transport.readMemory(),
      ask: () => this.#outbox.send([Operation.readMemory]),
      exceeded: (usedBytes) => this.#memoryKill(usedBytes),
    });
    // Only now, as what it ends must be there.
    this.#startTimer = setTimeout(() => {
      this.#startError = parts.failures.startTooLong(parts.startMs);
      this.stop(this.#startError);
    }, parts.startMs);
  }

  get hasRoom(): boolean {
    return (
      this.active < this.#parts.concurrency && (this.state === 'starting' || this.state === 'ready')
    );
  }

  /** Serves a call. There must be room. */
  begin(
    call: LocalCall,
    signal: AbortSignal | undefined,
    resolve: (reply: LocalReply) => void,
    reject: (error: Error) => void,
  ): void {
    const starting = this.state === 'starting';
    const event = eventToSend(call, starting);
    const slot = this.#free.pop() ?? this.#newSlot();
    slot.take(signal, starting && this.#assigned === 0, resolve, reject);
    this.#assigned += 1;
    this.active += 1;
    const { requestId, attempt, trace } = call.meta;
    const message: CallMessage = [
      Operation.call,
      slot.index,
      call.kind,
      event,
      requestId,
      attempt,
      trace,
    ];
    if (starting) {
      // While it starts, the start has its own limit; and a call that is cancelled meanwhile never runs.
      slot.unsent = message;
      return;
    }
    this.#parts.deadlines.add(slot);
    if (!this.#held) {
      this.#held = true;
      this.#transport.hold();
    }
    if (this.active === 1) this.#outbox.send(message);
    else this.#outbox.gather(message);
  }

  /** Takes no new calls; ends when those that it serves have ended. */
  condemn(): void {
    if (this.state !== 'ready') return;
    this.state = 'condemned';
    this.#parts.owner.condemned(this);
    this.#endIfUnused();
  }

  /** Ends it now. Calls that it serves fail with `error`. */
  stop(error: ServerlessError): void {
    if (this.state === 'stopping' || this.state === 'gone') return;
    if (this.state === 'starting') this.#startError ??= error;
    this.state = 'stopping';
    clearTimeout(this.#startTimer);
    this.#parts.owner.condemned(this);
    this.#failAll(error);
    this.#grace.begin(this.#parts.graceMs, () => this.#parts.owner.stuck(this));
    this.#transport.kill();
  }

  /** Lets the process end although a stuck instance is still there. */
  abandon(): void {
    this.#transport.abandon();
  }

  /** Not with every call's end, as letting go and taking hold again costs more than it gives. */
  rest(): void {
    if (!this.#held || this.state !== 'ready') return;
    this.#held = false;
    this.#transport.release();
  }

  get watchedClosely(): boolean {
    return this.active > 0 || this.state === 'starting' || this.#memory.suspicious;
  }

  checkMemory(): void {
    this.#memory.check();
  }

  message(message: FromInstance): void {
    if (this.#rehearsal?.takes(message, this.active > 0) === true) return;
    switch (message[0]) {
      case Operation.batch:
        for (const inner of message[1]) this.message(inner);
        return;
      case Operation.reply:
        this.#onReply(message[1], message[2], message[3], message[4]);
        return;
      case Operation.httpReply:
        this.#onReply(message[1], fromWireReply(message), message[6], message[7]);
        return;
      case Operation.failure: {
        const slot = this.#slots[message[1]];
        if (slot?.state === 'running')
          slot.fail(this.#parts.failures.handler(message[2], message[3], slot.initDurationMs));
        this.served += 1;
        this.#release(slot);
        if (message[4] > this.#memory.limitBytes) this.#memoryKill(message[4]);
        return;
      }
      case Operation.ready:
        this.#onReady(message[1]);
        return;
      case Operation.rehearse:
        if (this.state !== 'starting') return;
        this.#rehearsal = new Rehearsal(message[1], this.#parts.deadlines, this.#outbox);
        this.#rehearsal.next(this.active > 0);
        return;
      case Operation.startFailed:
        this.#startError = this.#parts.failures.start(message[1]);
        this.stop(this.#startError);
        return;
      case Operation.streamHead:
        this.#onStreamHead(message);
        return;
      case Operation.chunk:
        this.#slots[message[1]]?.stream?.push(message[2]);
        return;
      case Operation.streamEnd:
        this.#slots[message[1]]?.endStream(message[2], message[3]);
        this.#release(this.#slots[message[1]]);
        return;
      case Operation.streamFailure: {
        const slot = this.#slots[message[1]];
        if (slot?.state === 'streaming')
          slot.fail(this.#parts.failures.handler(message[2], message[3], slot.initDurationMs));
        this.#release(slot);
        return;
      }
      case Operation.log:
        this.#logs.message(message);
        return;
      case Operation.fatal:
        this.#error = deserializeError(message[1]);
        return;
      case Operation.memory:
        this.#memory.told(message[1]);
        return;
    }
  }

  output(level: 'info' | 'error', chunk: Uint8Array): void {
    this.#logs.output(level, chunk);
  }

  error(error: Error): void {
    this.#error = error;
  }

  refused(reason: string): void {
    this.#startError = refusedStart(this.#parts.transport.identity, reason);
    this.stop(this.#startError);
    this.exit(null, null);
  }

  exit(code: number | null, signal: string | null): void {
    if (this.state === 'gone') return;
    const { failures, listener, owner } = this.#parts;
    const phase = this.state === 'starting' ? 'init' : this.#isAwaited ? 'exit' : 'idle';
    const full = this.#error !== undefined && isOutOfMemory(this.#error);
    let error = full ? failures.memory(null) : failures.exit(phase, code, signal, this.#error);
    if (phase === 'init') this.#startError ??= error = full ? whileStarting(error) : error;
    else if (full) listener.warn(error.message, { instanceId: this.id });
    else if (phase === 'idle' && this.state !== 'stopping') this.#logs.ended(error);
    this.state = 'gone';
    clearTimeout(this.#startTimer);
    this.#grace.end();
    this.#logs.end();
    this.#failAll(error);
    owner.gone(this, this.#startError);
  }

  expired(slot: CallSlot): void {
    this.#giveUp(slot, this.#parts.failures.timeout(slot.initDurationMs));
    this.condemn();
    this.#endIfUnused();
  }

  cancelled(slot: CallSlot): void {
    if (slot.state === 'abandoned' || slot.state === 'free') return;
    const error = this.#parts.failures.cancelled(slot.cancelReason);
    if (slot.unsent) {
      slot.fail(error);
      this.#release(slot);
      return;
    }
    this.#outbox.send([Operation.cancel, slot.index]);
    this.#giveUp(slot, error);
    this.#waitForAbandoned(slot);
  }

  #newSlot(): CallSlot {
    const slot = new CallSlot(this.#slots.length, this);
    this.#slots.push(slot);
    return slot;
  }

  #onReady(id: string): void {
    if (this.state !== 'starting') return;
    clearTimeout(this.#startTimer);
    this.#rehearsal = undefined;
    this.state = 'ready';
    this.id = id;
    this.initMs = performance.now() - this.startedMs;
    this.#logs.named(id);
    if (this.#slots.length === 0) this.#free.push(this.#newSlot()); // Not left to the first call.
    for (const slot of this.#slots) {
      if (!slot.unsent) continue;
      this.#parts.deadlines.add(slot);
      this.#outbox.gather(slot.unsent);
      slot.unsent = undefined;
    }
    this.#outbox.flush();
    this.#parts.owner.ready(this);
  }

  #onReply(index: number, output: LocalReply['output'], durationMs: number, used: number): void {
    const slot = this.#slots[index];
    if (slot?.state === 'running') {
      if (used > this.#memory.limitBytes) {
        this.#memoryKill(used);
        return;
      }
      this.served += 1;
      slot.succeed(slot.reply(output, durationMs, used));
    }
    this.#release(slot);
  }

  #onStreamHead(
    message: FromInstance & readonly [typeof Operation.streamHead, ...unknown[]],
  ): void {
    const slot = this.#slots[message[1]];
    if (slot?.state !== 'running') return;
    const atHead = slot.reply(null, message[3], message[4]);
    const feed = {
      credit: (bytes: number) => {
        if (slot.stream === stream) this.#outbox.send([Operation.credit, slot.index, bytes]);
      },
      stop: () => {
        if (slot.stream !== stream) return;
        this.#outbox.send([Operation.stopStream, slot.index]);
        slot.state = 'abandoned';
        this.#waitForAbandoned(slot);
      },
    };
    const stream = new ResponseStream(feed, atHead);
    this.served += 1;
    const output = { ...message[2], body: stream.readable };
    slot.begin({ ...atHead, output, whole: stream.whole }, stream);
  }

  #release(slot: CallSlot | undefined): void {
    if (!slot || slot.state === 'free') return;
    this.#parts.deadlines.remove(slot);
    slot.free();
    this.#free.push(slot);
    this.active -= 1;
    if (this.state === 'condemned') this.#endIfUnused();
    else this.#parts.owner.freed(this);
  }

  /** Answers the caller although the handler still runs. */
  #giveUp(slot: CallSlot, error: ServerlessError): void {
    this.#parts.deadlines.remove(slot);
    slot.fail(error);
    slot.state = 'abandoned';
  }

  #waitForAbandoned(slot: CallSlot): void {
    slot.grace = setTimeout(() => {
      // Nothing can end a handler but the end of its instance, which may be condemned already.
      this.condemn();
      this.#endIfUnused();
    }, this.#parts.graceMs);
  }

  #endIfUnused(): void {
    if (this.state !== 'condemned') return;
    if (this.#isAwaited) return;
    this.stop(this.#parts.failures.stopped());
  }

  get #isAwaited(): boolean {
    return this.#slots.some(({ isAwaited }) => isAwaited);
  }

  #failAll(error: ServerlessError): void {
    for (const slot of this.#slots) slot.end(error, this.#parts.deadlines);
    this.active = 0;
  }

  #memoryKill(used: number): void {
    if (this.state === 'stopping' || this.state === 'gone') return;
    this.overMemory = true;
    const error = this.#parts.failures.memory(used);
    if (this.state === 'starting') return this.stop(whileStarting(error));
    this.#parts.listener.warn(error.message, {
      instanceId: this.id,
      usedMb: Math.round(used / BYTES_PER_MB),
      memoryMb: this.#parts.transport.memoryMb,
    });
    this.stop(error);
  }

  #unsendable(message: ToInstance, error: unknown): void {
    if (message[0] !== Operation.call) return;
    if (sendPlainCall(message, (plain) => this.#transport.post(plain))) return;
    const slot = this.#slots[message[1]];
    slot?.fail(this.#parts.failures.unsendable(error));
    this.#release(slot);
  }
}
