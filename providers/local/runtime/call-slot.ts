import type { ServerlessError } from 'polyfaas/spi';
import type { LocalReply } from '../ports.ts';
import type { StreamedReply } from '../streamed-reply.ts';
import { neverRan } from './failed-start.ts';
import { BYTES_PER_MB } from './failures.ts';
import type { Deadlines, Timed } from './deadlines.ts';
import type { CallMessage } from './protocol.ts';
import type { ResponseStream } from './response-stream.ts';

/** What a slot tells its instance. */
export interface SlotOwner {
  /** Of the instance. */
  readonly id: string;
  readonly initMs: number;
  /** The call's time is over. */
  expired(slot: CallSlot): void;
  /** The caller does not want the answer any more. */
  cancelled(slot: CallSlot): void;
}

/**
 * One place in an instance that a call can take. Kept and used again, and itself the listener of the caller's signal
 * and the node in the list of deadlines, so that a call allocates next to nothing.
 */
export class CallSlot implements Timed {
  readonly index: number;
  readonly #owner: SlotOwner;

  deadlineMs = 0;
  previous: Timed | undefined = undefined;
  next: Timed | undefined = undefined;

  /** `abandoned`: the caller has its answer, the handler still runs. */
  state: 'free' | 'running' | 'streaming' | 'abandoned' = 'free';
  cold = false;
  /** Held back until the instance has started. */
  unsent: CallMessage | undefined = undefined;
  stream: ResponseStream | undefined = undefined;
  /** Ends the patience with an abandoned call. */
  grace: NodeJS.Timeout | undefined = undefined;
  #signal: AbortSignal | undefined = undefined;
  #resolve: ((reply: LocalReply) => void) | undefined = undefined;
  #reject: ((error: Error) => void) | undefined = undefined;

  constructor(index: number, owner: SlotOwner) {
    this.index = index;
    this.#owner = owner;
  }

  take(
    signal: AbortSignal | undefined,
    cold: boolean,
    resolve: (reply: LocalReply) => void,
    reject: (error: Error) => void,
  ): void {
    this.state = 'running';
    this.cold = cold;
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    signal?.addEventListener('abort', this);
  }

  /** The signal's abort. */
  handleEvent(): void {
    this.#owner.cancelled(this);
  }

  expire(): void {
    this.#owner.expired(this);
  }

  /** Of a cold start; null on a warm one. */
  get initDurationMs(): number | null {
    return this.cold ? this.#owner.initMs : null;
  }

  reply(output: LocalReply['output'], durationMs: number, usedBytes: number): LocalReply {
    return {
      output,
      coldStart: this.cold,
      durationMs,
      initDurationMs: this.initDurationMs,
      instanceId: this.#owner.id,
      memoryMb: usedBytes / BYTES_PER_MB,
    };
  }

  succeed(reply: LocalReply): void {
    this.#resolve?.(reply);
    this.#settled();
  }

  /** Begins a streamed answer. The call goes on until its end. */
  begin(reply: StreamedReply, stream: ResponseStream): void {
    this.state = 'streaming';
    this.stream = stream;
    this.#resolve?.(reply);
  }

  endStream(durationMs: number, usedBytes: number): void {
    this.stream?.end(this.reply(null, durationMs, usedBytes));
  }

  /** Fails the call, or, when the answer has begun, its stream. */
  fail(error: ServerlessError): void {
    if (this.state === 'streaming') this.stream?.fail(error);
    else this.#reject?.(this.unsent ? neverRan(error) : error);
    this.#settled();
  }

  /** Somebody waits for its answer, or reads it. */
  get isAwaited(): boolean {
    return this.state === 'running' || this.state === 'streaming';
  }

  /** The instance is going, or gone. */
  end(error: ServerlessError, deadlines: Deadlines): void {
    if (this.state === 'free') return;
    deadlines.remove(this);
    if (this.isAwaited) this.fail(error);
    this.free();
  }

  get cancelReason(): unknown {
    return this.#signal?.reason;
  }

  free(): void {
    clearTimeout(this.grace);
    this.grace = undefined;
    this.#settled();
    this.unsent = undefined;
    this.state = 'free';
  }

  #settled(): void {
    this.#signal?.removeEventListener('abort', this);
    this.#signal = undefined;
    this.#resolve = undefined;
    this.#reject = undefined;
    this.stream = undefined;
  }
}
