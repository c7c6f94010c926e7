/** Lets calls of the deployer go wrong on the wire, and counts them. */
import type { ContractFaults, FaultKind } from 'polyfaas/contract';
import type { Answer, Exchange, ExchangeOutcome } from './server.ts';

/**
 * Told of every call of the deployer that reached its plane, once it is answered.
 *
 * @param plane `api`, or the name of a plane that was opened
 * @param path as it was sent, with the query
 * @param body what was sent
 */
export type Recorder = (
  plane: string,
  method: string,
  path: string,
  status: number,
  body: Buffer,
) => void;

/** Who looks at the same thing again and again waits for it: after so many looks the next one is no other call to break. */
const LOOKS = 2;
/** What acts longer may be waiting for the clock: it is not waited for. */
const LONGEST_ACT_MS = 2_000;

export class WireFaults implements ContractFaults {
  /** How many calls that succeeded were of an operation that changes something. */
  writes = 0;
  readonly #recorder: Recorder | undefined;
  #calls = 0;
  #armed: { readonly at: number; readonly kind: FaultKind } | undefined;
  #isCrashed = false;
  readonly #acting = new Set<Promise<void>>();
  /** How often each was asked for since the last write. */
  readonly #looks = new Map<string, number>();

  constructor(recorder?: Recorder) {
    this.#recorder = recorder;
  }

  async pass(exchange: Exchange): Promise<ExchangeOutcome> {
    if (this.#isCrashed) return 'destroy';
    const isCounted = this.#isCounted(exchange);
    const fault = isCounted && this.#calls === this.#armed?.at ? this.#armed.kind : undefined;
    if (isCounted) this.#calls += 1;
    if (fault) this.#armed = undefined;
    if (fault === 'crash') this.#isCrashed = true;
    if (fault === 'crash' || fault === 'reset') return 'destroy';
    if (fault === 'hang') return 'hang';
    if (fault === '429') return exchange.instead('throttled');
    if (fault === '500') return exchange.instead('failed');
    const reply = await this.#act(exchange);
    if (reply.status < 400 && exchange.isWrite) this.writes += 1;
    const { plane, method, url, body } = exchange;
    this.#recorder?.(plane, method, url, reply.status, body);
    // A process that died meanwhile gets no answer, either.
    return fault === 'lost-reply' || this.#hasCrashed() ? 'destroy' : reply;
  }

  /**
   * Resolves when no call is being answered. Answers take real time (a build, a start, the function's own), in which the
   * platform's stands still: who moves the clock meanwhile makes calls hang that do not.
   */
  async answered(): Promise<void> {
    while (this.#acting.size > 0) await Promise.all(this.#acting);
  }

  #isCounted({ plane, method, url, isWrite }: Exchange): boolean {
    if (isWrite) this.#looks.clear();
    const key = `${plane} ${method} ${url}`;
    const looks = (this.#looks.get(key) ?? 0) + 1;
    this.#looks.set(key, looks);
    return isWrite || looks <= LOOKS;
  }

  async #act(exchange: Exchange): Promise<Answer> {
    const acting = exchange.act();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#acting.add(promise);
    const end = (): void => {
      this.#acting.delete(promise);
      resolve();
    };
    const timer = setTimeout(end, LONGEST_ACT_MS);
    return await acting.finally(() => {
      clearTimeout(timer);
      end();
    });
  }

  async count(work: () => Promise<unknown>): Promise<number> {
    this.#looks.clear();
    const before = this.#calls;
    await work();
    return this.#calls - before;
  }

  arm({ call, kind }: { readonly call: number; readonly kind: FaultKind }): void {
    this.#looks.clear();
    this.#armed = { at: this.#calls + call, kind };
  }

  disarm(): void {
    this.#armed = undefined;
    this.#isCrashed = false;
  }

  #hasCrashed(): boolean {
    return this.#isCrashed;
  }
}
