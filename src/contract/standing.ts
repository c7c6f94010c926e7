/** Functions that several cases only call: each is deployed once, for all of them. */
import type { Deployed, OpenContext, SpecChange } from './context.ts';

/** One that stands, as a case got it. */
export interface Standing extends Deployed {
  /** How many calls of a kind it reported since the case asked for it. */
  ran(kind: 'invoke' | 'http'): number;
}

interface Kept extends Deployed {
  readonly open: OpenContext;
}

/** Those of one suite. */
export class StandingFunctions {
  readonly #open: (app: string) => OpenContext;
  readonly #runId: string;
  readonly #kept = new Map<string, Promise<Kept>>();
  #count = 0;

  /** @param open makes the context in which one is deployed */
  constructor(runId: string, open: (app: string) => OpenContext) {
    this.#runId = runId;
    this.#open = open;
  }

  async take(change: SpecChange): Promise<Standing> {
    const { open, manager, deployment } = await this.#deployed(change);
    const reported = (kind: 'invoke' | 'http'): number => open.context.reports(kind).length;
    const before = { invoke: reported('invoke'), http: reported('http') };
    return { manager, deployment, ran: (kind) => reported(kind) - before[kind] };
  }

  /** What ends them, one by one. */
  ends(): readonly (() => Promise<void>)[] {
    return [...this.#kept.values()].map(
      (kept) => () =>
        kept.then(
          ({ open }) => open.close(),
          () => undefined,
        ),
    );
  }

  #deployed(change: SpecChange): Promise<Kept> {
    const key = JSON.stringify(change);
    const known = this.#kept.get(key);
    if (known) return known;
    const kept = this.#deploy(change);
    this.#kept.set(key, kept);
    // One that failed says so to the case that asked, and the next case tries anew.
    kept.catch(() => this.#kept.delete(key));
    return kept;
  }

  async #deploy(change: SpecChange): Promise<Kept> {
    this.#count += 1;
    const open = this.#open(`stand${this.#count.toString(36)}-${this.#runId}`);
    try {
      return { open, ...(await open.context.deployed(change)) };
    } catch (error) {
      await open.close();
      throw error;
    }
  }
}
