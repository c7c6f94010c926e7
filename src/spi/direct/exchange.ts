/** One request and its answer over undici, without the streams that its own `request` makes of them. */
import type { Client, Dispatcher } from 'undici';
import { NEVER_ABORTS } from '../signals.ts';

/** What is sent; the timeouts are undici's. */
export type ExchangeRequest = Pick<
  Dispatcher.DispatchOptions,
  'path' | 'method' | 'headers' | 'body' | 'headersTimeout' | 'bodyTimeout'
>;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What undici tells of a request on its way, and, when it is over, the answer. */
export class Exchange implements Dispatcher.DispatchHandler {
  status = 0;
  /** Who carries it. */
  client: Client | undefined;
  #headers: Headers = {};
  #body: Buffer | undefined;
  #more: Buffer[] | undefined;
  readonly #resolve: (answer: Exchange) => void;
  readonly #reject: (error: unknown) => void;
  readonly #ended: (exchange: Exchange) => void;
  readonly #signal: AbortSignal;
  #controller: Dispatcher.DispatchController | undefined;
  readonly #onAbort: (() => void) | undefined;

  /** @param ended told when the connection is free again, after a failure, too. */
  constructor(
    signal: AbortSignal,
    resolve: (answer: Exchange) => void,
    reject: (error: unknown) => void,
    ended: (exchange: Exchange) => void,
  ) {
    this.#ended = ended;
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    if (signal === NEVER_ABORTS) return;
    this.#onAbort = () => this.#abort();
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  get isAborted(): boolean {
    return this.#signal.aborted;
  }

  /** Names in lower case. */
  get headers(): Readonly<Record<string, string>> {
    const out: Record<string, string> = {};
    for (const [name, value] of Object.entries(this.#headers)) {
      if (value !== undefined) out[name] = typeof value === 'string' ? value : value.join(', ');
    }
    return out;
  }

  get text(): string {
    if (this.#body === undefined) return '';
    const whole = this.#more ? Buffer.concat([this.#body, ...this.#more]) : this.#body;
    return whole.toString('utf8');
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It was given up while it waited for a connection.
    if (this.#signal.aborted) this.#abort();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Headers,
  ): void {
    this.status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#body === undefined) this.#body = chunk;
    else (this.#more ??= []).push(chunk);
  }

  onResponseEnd(): void {
    this.#end();
    this.#resolve(this);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end();
    this.#reject(error);
  }

  #abort(): void {
    const { reason }: { readonly reason: unknown } = this.#signal;
    // The connection may not be there yet; nobody waits for it any more.
    this.#reject(reason);
    this.#controller?.abort(
      reason instanceof Error ? reason : new Error('aborted', { cause: reason }),
    );
  }

  #end(): void {
    if (this.#onAbort) this.#signal.removeEventListener('abort', this.#onAbort);
    this.#ended(this);
  }
}
