import type { ContractFaults, FaultKind } from 'polyfaas/contract';
import { ServerlessError } from 'polyfaas/spi';
import { Interruptions, type Interruption } from '../fakes/shared/wire/interruption.ts';

type Effects = NonNullable<Parameters<typeof import('polyfaas/local').createLocalProvider>[1]>;

const passing = (message: string, code: 'UNAVAILABLE' | 'RATE_LIMITED'): ServerlessError =>
  new ServerlessError({ code, message, retryable: true });

/** Stands at the points where the local provider touches its disk, and lets one of them go wrong. */
export class LocalFaults implements ContractFaults, Effects {
  /** How many changes were made. */
  writes = 0;
  /** Resolves when the wreck of the last crash is cleared away. */
  recovered: Promise<void> = Promise.resolve();
  onCrash: () => Promise<void> = () => Promise.resolve();
  readonly #interruptions = new Interruptions();
  #calls = 0;
  #armed: { readonly at: number; readonly kind: FaultKind } | undefined;
  /** Those who called before the crash never get an answer again. */
  #isCrashed = false;

  async run<Value>(
    name: string,
    changes: boolean,
    act: () => Value | Promise<Value>,
  ): Promise<Value> {
    if (this.#isCrashed) throw passing(`${name}: this process is dead`, 'UNAVAILABLE');
    const fault = this.#calls === this.#armed?.at ? this.#armed.kind : undefined;
    const call = this.#calls;
    this.#calls += 1;
    await this.#interruptions.before(call);
    if (fault) this.#armed = undefined;
    if (fault === 'reset') throw passing(`${name}: the connection was reset`, 'UNAVAILABLE');
    if (fault === '500') throw passing(`${name}: an internal error`, 'UNAVAILABLE');
    if (fault === '429') throw passing(`${name}: too many requests`, 'RATE_LIMITED');
    if (fault === 'hang') return new Promise<Value>(() => {});
    if (fault === 'crash') {
      this.#isCrashed = true;
      throw passing(`${name}: this process is dead`, 'UNAVAILABLE');
    }
    const value = await act();
    if (changes) this.writes += 1;
    if (fault === 'lost-reply') throw passing(`${name}: the reply was lost`, 'UNAVAILABLE');
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

  interrupt(meanwhile: Interruption): void {
    this.#interruptions.set(meanwhile, this.#calls);
  }

  disarm(): void {
    this.#armed = undefined;
    this.#interruptions.clear();
    if (!this.#isCrashed) return;
    this.recovered = this.onCrash().then(() => {
      this.#isCrashed = false;
    });
  }
}
