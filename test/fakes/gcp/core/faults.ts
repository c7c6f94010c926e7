/** Lets calls of the deployer go wrong on the wire, and counts them. */
import type { ContractFaults, FaultKind } from 'polyfaas/contract';
import type { Exchange, ExchangeOutcome } from './server.ts';

/**
 * Told of every call of the deployer that reached its plane, once it is answered.
 *
 * @param plane `functions`, `run`, ..., or the name of a plane that was opened
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

export class WireFaults implements ContractFaults {
  /** How many calls that succeeded were of an operation that changes something. */
  writes = 0;
  readonly #recorder: Recorder | undefined;
  #calls = 0;
  #armed: { readonly at: number; readonly kind: FaultKind } | undefined;
  #isCrashed = false;

  constructor(recorder?: Recorder) {
    this.#recorder = recorder;
  }

  async pass(exchange: Exchange): Promise<ExchangeOutcome> {
    if (this.#isCrashed) return 'destroy';
    const fault = this.#calls === this.#armed?.at ? this.#armed.kind : undefined;
    this.#calls += 1;
    if (fault) this.#armed = undefined;
    if (fault === 'crash') this.#isCrashed = true;
    if (fault === 'crash' || fault === 'reset') return 'destroy';
    if (fault === 'hang') return 'hang';
    if (fault === '429') return exchange.instead('throttled');
    if (fault === '500') return exchange.instead('failed');
    const reply = await exchange.act();
    if (reply.status < 400 && exchange.isWrite) this.writes += 1;
    const { plane, method, url, body } = exchange;
    this.#recorder?.(plane, method, url, reply.status, body);
    // A process that died meanwhile gets no answer, either.
    return fault === 'lost-reply' || this.#hasCrashed() ? 'destroy' : reply;
  }

  async count(work: () => Promise<unknown>): Promise<number> {
    const before = this.#calls;
    await work();
    return this.#calls - before;
  }

  arm({ call, kind }: { readonly call: number; readonly kind: FaultKind }): void {
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
