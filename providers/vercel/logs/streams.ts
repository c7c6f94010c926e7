/** The runtime logs of several deployments as one: live streams of Vercel's, which show what they have and stay open. */
import type { CallContext } from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { VercelApiError } from '../clients/error.ts';

/** The first row comes within so long of the asking, or there is none. */
const FIRST_MS = 3_000;
/** No row for so long: all that there was has come. */
const QUIET_MS = 1_000;
/** What never falls quiet is looked at so often. */
const MOST_MS = 5_000;
/**
 * On a clock that runs ahead of the machine's, such as a simulated one, rows still need the machine's time: of each wait
 * so many milliseconds.
 */
const LEAST_REAL = { first: 100, quiet: 30 } as const;

export class Streams {
  readonly #vercel: VercelClients;
  readonly #call: CallContext;
  readonly #ended = new AbortController();
  readonly #rows: string[] = [];
  #open = 0;
  #failure: unknown;
  #hasFailed = false;
  #arrived: (() => void) | undefined;
  #isFirst = true;
  readonly #reading: Promise<void>[] = [];

  constructor(vercel: VercelClients, call: CallContext) {
    this.#vercel = vercel;
    this.#call = call;
  }

  /** Begins to read the logs of these deployments. */
  open(projectId: string, deploymentIds: readonly string[]): void {
    this.#isFirst = true;
    const signal = AbortSignal.any([this.#call.signal, this.#ended.signal]);
    for (const id of deploymentIds) {
      this.#open += 1;
      this.#reading.push(this.#read(projectId, id, signal));
    }
  }

  /** All streams have come to their end, by Vercel's doing: it closes them after some minutes. */
  get areOver(): boolean {
    return this.#open === 0;
  }

  /**
   * The rows that have come since the last time, once no more do.
   *
   * @throws what a stream failed with.
   */
  async next(): Promise<readonly string[]> {
    const { clock, signal } = this.#call;
    const until = clock.now() + MOST_MS;
    let isQuiet = false;
    while (!isQuiet && !this.areOver && !this.#hasFailed && clock.now() < until) {
      const [waitMs, realMs] =
        this.#isFirst && this.#rows.length === 0
          ? [FIRST_MS, LEAST_REAL.first]
          : [QUIET_MS, LEAST_REAL.quiet];
      isQuiet = !(await this.#arrival(waitMs, realMs));
      signal.throwIfAborted();
    }
    this.#isFirst = false;
    if (this.#hasFailed) throw this.#failure;
    return this.#rows.splice(0);
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await Promise.allSettled(this.#reading);
  }

  /** Whether something came within so long. */
  async #arrival(waitMs: number, realMs: number): Promise<boolean> {
    const { clock, signal } = this.#call;
    const over = new AbortController();
    const real = new Promise((resolve) => void setTimeout(resolve, realMs).unref());
    const patience = Promise.all([
      clock.sleep(waitMs, AbortSignal.any([signal, over.signal])),
      real,
    ]).then(
      () => false,
      () => false,
    );
    const arrival = new Promise<boolean>((resolve) => {
      this.#arrived = () => resolve(true);
    });
    try {
      return await Promise.race([arrival, patience]);
    } finally {
      this.#arrived = undefined;
      over.abort();
    }
  }

  /** Never rejects. */
  async #read(projectId: string, deploymentId: string, signal: AbortSignal): Promise<void> {
    const path = `/v1/projects/${encodeURIComponent(projectId)}/deployments/${encodeURIComponent(deploymentId)}/runtime-logs`;
    const query = { format: 'lines' };
    try {
      for await (const row of this.#vercel.lines({ method: 'GET', path, query, signal })) {
        this.#rows.push(row);
        this.#arrived?.();
      }
    } catch (error) {
      // A deployment that was deleted meanwhile has no log any more.
      const isGone = error instanceof VercelApiError && error.status === 404;
      if (!signal.aborted && !isGone) {
        this.#failure = error;
        this.#hasFailed = true;
      }
    } finally {
      this.#open -= 1;
      this.#arrived?.();
    }
  }
}
