/** Lets calls to the toy cloud go wrong, and others come between: what cases ask for as `faults`. */
import type { ContractFaults, FaultKind } from 'polyfaas/contract';
import { ToyError } from './cloud.ts';

export class ToyFaults implements ContractFaults {
  #writes = 0;
  #calls = 0;
  #armed: { readonly at: number; readonly kind: FaultKind } | undefined;
  #waiting: { readonly at: number; readonly work: () => Promise<unknown> } | undefined;
  #life = 0;
  #dead = -1;

  get writes(): number {
    return this.#writes;
  }

  /** The life that a new manager belongs to: a crash ends it. */
  get life(): number {
    return this.#life;
  }

  /** Every call of an adapter to its cloud goes through here. */
  async send<Value>(
    born: number,
    changes: boolean,
    act: () => Value | Promise<Value>,
  ): Promise<Value> {
    if (born <= this.#dead) throw new ToyError('UNAVAILABLE', 'this process is dead');
    const call = this.#calls;
    const kind = call === this.#armed?.at ? this.#armed.kind : undefined;
    this.#calls += 1;
    await this.#between(call);
    if (kind === 'crash') {
      this.#dead = this.#life;
      this.#life += 1;
    }
    if (kind === 'hang') return new Promise<Value>(() => {});
    if (kind === '429') throw new ToyError('RATE_LIMITED', 'slow down');
    if (kind !== undefined && kind !== 'lost-reply') throw new ToyError('UNAVAILABLE', `a ${kind}`);
    const value = await act();
    if (changes) this.#writes += 1;
    if (kind === 'lost-reply') throw new ToyError('UNAVAILABLE', 'the reply was lost');
    return value;
  }

  async count(work: () => Promise<unknown>): Promise<number> {
    const before = this.#calls;
    await work();
    return this.#calls - before;
  }

  arm({ call, kind }: { readonly call: number; readonly kind: FaultKind }): void {
    this.#armed = { at: this.#calls + call, kind };
  }

  interrupt({
    call,
    work,
  }: {
    readonly call: number;
    readonly work: () => Promise<unknown>;
  }): void {
    this.#waiting = { at: this.#calls + call, work };
  }

  disarm(): void {
    this.#armed = undefined;
    this.#waiting = undefined;
  }

  /** What somebody else does before this call goes on, once. */
  async #between(call: number): Promise<void> {
    if (call !== this.#waiting?.at) return;
    const { work } = this.#waiting;
    this.#waiting = undefined;
    await work();
  }
}
