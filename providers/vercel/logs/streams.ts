/**
 * The live logs of several deployments as one: streams of Vercel's, which show what is printed after they were opened, and
 * say nothing at all before.
 */
import type { CallContext } from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { VercelApiError } from '../clients/error.ts';

/** No row for so long: those of one moment have all come. */
const QUIET_MS = 1_000;
/** A stream that has ended is asked for again after so long. */
export const REOPEN_MS = 2_000;
/** What never falls quiet is looked at so often. */
const MOST_MS = 5_000;
/**
 * On a clock that runs ahead of the machine's, such as a simulated one, rows still need the machine's time: of each wait
 * so many milliseconds.
 */
const LEAST_REAL_MS = 30;

export class Streams {
  readonly #vercel: VercelClients;
  readonly #call: CallContext;
  readonly #projectId: string;
  readonly #ids: readonly string[];
  readonly #ended = new AbortController();
  readonly #rows: string[] = [];
  /** By deployment: when its stream ended; undefined while it is open, and infinite for one that is no more. */
  readonly #endedAt = new Map<string, number | undefined>();
  #open = 0;
  #failure: unknown;
  #hasFailed = false;
  #arrived: (() => void) | undefined;
  readonly #reading = new Set<Promise<void>>();

  constructor(
    vercel: VercelClients,
    call: CallContext,
    projectId: string,
    deploymentIds: readonly string[],
  ) {
    this.#projectId = projectId;
    this.#ids = deploymentIds;
    this.#vercel = vercel;
    this.#call = call;
  }

  /** Begins to read what is not being read: at first all; later what has ended, after a while. Tells whether there was one. */
  open(): boolean {
    const now = this.#call.clock.now();
    let hasOpened = false;
    for (const id of this.#ids) {
      const endedAt = this.#endedAt.get(id);
      if (this.#endedAt.has(id) && (endedAt === undefined || now - endedAt < REOPEN_MS)) continue;
      this.#endedAt.set(id, undefined);
      this.#open += 1;
      hasOpened = true;
      const signal = AbortSignal.any([this.#call.signal, this.#ended.signal]);
      const reading = this.#read(id, signal);
      this.#reading.add(reading);
      void reading.then(() => this.#reading.delete(reading));
    }
    return hasOpened;
  }

  /** All streams have come to their end, by Vercel's doing: it closes each after some minutes. */
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
      isQuiet = !(await this.#arrival());
      signal.throwIfAborted();
    }
    if (this.#hasFailed) throw this.#failure;
    return this.#rows.splice(0);
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await Promise.allSettled(this.#reading);
  }

  /** Whether something came within so long. */
  async #arrival(): Promise<boolean> {
    const { clock, signal } = this.#call;
    const over = new AbortController();
    const real = new Promise((resolve) => void setTimeout(resolve, LEAST_REAL_MS).unref());
    const patience = Promise.all([
      clock.sleep(QUIET_MS, AbortSignal.any([signal, over.signal])),
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
  async #read(deploymentId: string, signal: AbortSignal): Promise<void> {
    const path = `/v1/projects/${encodeURIComponent(this.#projectId)}/deployments/${encodeURIComponent(deploymentId)}/runtime-logs`;
    const query = { format: 'lines' };
    let endedAt: number | undefined;
    try {
      for await (const text of this.#vercel.lines({ method: 'GET', path, query, signal })) {
        this.#rows.push(text);
        this.#arrived?.();
      }
    } catch (error) {
      // A deployment that was deleted meanwhile has no log any more.
      const isGone = error instanceof VercelApiError && error.status === 404;
      if (isGone) endedAt = Infinity;
      if (!signal.aborted && !isGone) {
        this.#failure = error;
        this.#hasFailed = true;
      }
    } finally {
      this.#endedAt.set(deploymentId, endedAt ?? this.#call.clock.now());
      this.#open -= 1;
      this.#arrived?.();
    }
  }
}
