import { ServerlessError, type Clock } from 'polyfaas/spi';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
}

/**
 * A clock that moves only when told to, for tests of schedules, backoff and idle times.
 * Code in instances still lives in real time: its timeouts are not moved.
 *
 * @example
 * ```ts
 * import { createServerlessManager } from 'polyfaas';
 * import { LOCAL, ManualClock } from 'polyfaas/local';
 *
 * const clock = new ManualClock();
 * const manager = await createServerlessManager({ app: 'shop' }, { clock });
 * await clock.advance(60_000); // what is due within a minute has begun
 * await manager.native(LOCAL)?.settle(); // ... and is done
 * await manager.close();
 * ```
 */
export class ManualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  /**
   * @param now in milliseconds since 1970: `date.getTime()`
   * @throws ServerlessError INVALID_ARGUMENT for what no `Date` can be made of.
   */
  constructor(now = Date.UTC(2026, 0, 1)) {
    if (!isTime(now)) {
      throw invalid(
        'now',
        now,
        'a time in milliseconds since 1970, from -8.64e15 to 8.64e15. Write date.getTime(), or Date.parse(text).',
      );
    }
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next timer is due, or undefined. */
  get nextAt(): number | undefined {
    return this.#next()?.at;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer: Timer = {
      at: this.#now + Math.max(0, delayMs),
      order: this.#order++,
      fire: callback,
    };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.after(delayMs, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /**
   * Moves on by `ms`, firing what falls due on the way, in order, and letting its consequences run.
   *
   * @throws ServerlessError INVALID_ARGUMENT for what is no number, goes back, or leads to a time that no `Date` can tell.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    if (!isTime(ms) || ms < 0 || !isTime(end)) {
      throw invalid('ms', ms, 'a number of milliseconds from 0 on. Three hours are 3 * 3_600_000.');
    }
    await flush();
    for (let timer = this.#next(); timer && timer.at <= end; timer = this.#next()) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.at);
      timer.fire();
      await flush();
    }
    this.#now = Math.max(this.#now, end);
    await flush();
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order))
        next = timer;
    }
    return next;
  }
}

/** The last time that a `Date` can tell; the first is as far before 1970. */
const LAST_TIME = 8.64e15;

function isTime(value: unknown): boolean {
  return Number.isFinite(value) && Math.abs(Number(value)) <= LAST_TIME;
}

function invalid(field: string, value: unknown, expected: string): ServerlessError {
  const told =
    typeof value === 'string'
      ? JSON.stringify(value.slice(0, 80))
      : typeof value === 'number' || value === null || value === undefined
        ? String(value)
        : 'this';
  return new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'local',
    message: `${field}: ${told} is not ${expected}`,
    details: { field },
  });
}

/** Lets promises and immediates that are ready run. */
async function flush(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
