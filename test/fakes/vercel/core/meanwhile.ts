/** What happens at Vercel, once, while a call of the deployer's is on its way there, or its answer on the way back. */
import type { Exchange, ExchangeOutcome } from '../../shared/wire/intercept.ts';
import type { WireFaults } from './faults.ts';

/** `there`: nothing of the call is done yet. `back`: it is done, and the caller does not know. */
export type Way = 'there' | 'back';

export class Meanwhile {
  readonly #faults: WireFaults;
  #waiting: readonly { readonly way: Way; readonly call: RegExp; act(): unknown }[] = [];

  constructor(faults: WireFaults) {
    this.#faults = faults;
  }

  /** @param call matched with the method and the path, as they are sent: `POST /v10/projects/prj_1/promote/dpl_1` */
  once(way: Way, call: RegExp, act: () => unknown): void {
    this.#waiting = [...this.#waiting, { way, call, act }];
  }

  async pass(exchange: Exchange): Promise<ExchangeOutcome> {
    await this.#do('there', exchange);
    const outcome = await this.#faults.pass(exchange);
    await this.#do('back', exchange);
    return outcome;
  }

  async #do(way: Way, { method, url }: Exchange): Promise<void> {
    const due = this.#waiting.find((one) => one.way === way && one.call.test(`${method} ${url}`));
    if (!due) return;
    this.#waiting = this.#waiting.filter((one) => one !== due);
    await due.act();
  }
}
