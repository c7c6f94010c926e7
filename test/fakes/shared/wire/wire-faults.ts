/** Lets calls of the deployer go wrong on the wire, and counts them. */
import type { ContractFaults, FaultKind } from 'polyfaas/contract';
import { ActsUnderWay } from './acts-under-way.ts';
import type { Answer } from './answer.ts';
import type { Exchange, ExchangeOutcome } from './intercept.ts';
import { Interruptions, type Interruption } from './interruption.ts';
import { Looks } from './looks.ts';

/**
 * Told of every call of the deployer that reached its plane, once it is answered.
 *
 * @param plane the name of the API's plane (`api`, `functions`, ...), or of a plane that was opened
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

export class WireFaults<
  Reply extends { readonly status: number } = Answer,
> implements ContractFaults {
  /** How many calls that succeeded were of an operation that changes something. */
  writes = 0;
  readonly #recorder: Recorder | undefined;
  readonly #looks: Looks | undefined;
  readonly #acts = new ActsUnderWay();
  readonly #interruptions = new Interruptions();
  #calls = 0;
  #armed: { readonly at: number; readonly kind: FaultKind } | undefined;
  #isCrashed = false;

  /** @param countsAll whether looks of somebody who only waits are calls to break, too. Default: they are not */
  constructor(recorder?: Recorder, countsAll = false) {
    this.#recorder = recorder;
    this.#looks = countsAll ? undefined : new Looks();
  }

  async pass(exchange: Exchange<Reply>): Promise<ExchangeOutcome<Reply>> {
    if (this.#isCrashed) return 'destroy';
    const isCounted = this.#looks?.isCounted(exchange) ?? true;
    const fault = isCounted && this.#calls === this.#armed?.at ? this.#armed.kind : undefined;
    const call = this.#calls;
    if (isCounted) this.#calls += 1;
    if (isCounted) await this.#interruptions.before(call);
    if (fault) this.#armed = undefined;
    if (fault === 'crash') this.#isCrashed = true;
    if (fault === 'crash' || fault === 'reset') return 'destroy';
    if (fault === 'hang') return 'hang';
    if (fault === '429') return exchange.instead('throttled');
    if (fault === '500') return exchange.instead('failed');
    const reply = await this.#acts.add(exchange.act());
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
    await this.#acts.ended();
  }

  async count(work: () => Promise<unknown>): Promise<number> {
    this.#looks?.forget();
    const before = this.#calls;
    await work();
    return this.#calls - before;
  }

  arm({ call, kind }: { readonly call: number; readonly kind: FaultKind }): void {
    this.#looks?.forget();
    this.#armed = { at: this.#calls + call, kind };
  }

  interrupt(meanwhile: Interruption): void {
    this.#looks?.forget();
    this.#interruptions.set(meanwhile, this.#calls);
  }

  disarm(): void {
    this.#armed = undefined;
    this.#interruptions.clear();
    this.#isCrashed = false;
  }

  #hasCrashed(): boolean {
    return this.#isCrashed;
  }
}
