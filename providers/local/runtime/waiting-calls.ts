import type { LocalCall, LocalReply } from '../ports.ts';

/** A call that waits for an instance. */
export class WaitingCall {
  readonly call: LocalCall;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (reply: LocalReply) => void;
  readonly reject: (error: Error) => void;
  readonly #onCancel: (waiting: WaitingCall) => void;

  constructor(
    call: LocalCall,
    signal: AbortSignal | undefined,
    resolve: (reply: LocalReply) => void,
    reject: (error: Error) => void,
    onCancel: (waiting: WaitingCall) => void,
  ) {
    this.call = call;
    this.signal = signal;
    this.resolve = resolve;
    this.reject = reject;
    this.#onCancel = onCancel;
    signal?.addEventListener('abort', this);
  }

  /** The signal's abort. */
  handleEvent(): void {
    this.#onCancel(this);
  }

  leave(): void {
    this.signal?.removeEventListener('abort', this);
  }
}
