import type { LocalCall, LocalReply } from '../ports.ts';
import type { Timed } from './deadlines.ts';

/** What a waiting call tells its pool. */
export interface WaitingOwner {
  /** The caller does not want the answer any more. */
  cancelled(waiting: WaitingCall): void;
  /** Its time is over. */
  expired(waiting: WaitingCall): void;
}

/** A call that waits for an instance. */
export class WaitingCall implements Timed {
  readonly call: LocalCall;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (reply: LocalReply) => void;
  readonly reject: (error: Error) => void;
  readonly #owner: WaitingOwner;

  deadlineMs = 0;
  previous: Timed | undefined = undefined;
  next: Timed | undefined = undefined;

  constructor(
    call: LocalCall,
    signal: AbortSignal | undefined,
    resolve: (reply: LocalReply) => void,
    reject: (error: Error) => void,
    owner: WaitingOwner,
  ) {
    this.call = call;
    this.signal = signal;
    this.resolve = resolve;
    this.reject = reject;
    this.#owner = owner;
    signal?.addEventListener('abort', this);
  }

  /** The signal's abort. */
  handleEvent(): void {
    this.#owner.cancelled(this);
  }

  expire(): void {
    this.#owner.expired(this);
  }

  leave(): void {
    this.signal?.removeEventListener('abort', this);
  }
}
