/**
 * Ends the process when it is stuck. Platforms that run a server answer a caller whose time is up, and leave the instance as
 * it is: one whose handler loops for ever would take requests, and answer none. A thread beside it sees that.
 *
 * Stuck is a process whose event loop does not turn for longer than any call may take. Its time is counted in short
 * sleeps of the thread, not by the clock: platforms hold instances still between requests, and one that wakes up with a
 * call left over, whose client had gone, is well.
 */
import { Worker } from 'node:worker_threads';

/** The event loop had so long to notice by itself that time was up. */
const GRACE_MS = 2_000;
/** A sleep of the thread. Standing still in the middle of one, the process loses no more than that. */
const SLICE_MS = 100;
/** While calls are on, the event loop is asked so often for a sign of life. */
const PAUSE_MS = 1_000;

/** Places in the memory that both share. */
const LIMIT = 0;
const SIGNS = 1;

/** Runs in the thread: sleeps until a call is on; then asks, and counts how long no sign of life comes. */
const SOURCE = `
const { parentPort, workerData } = require('node:worker_threads');
const state = new Int32Array(workerData.shared);
for (;;) {
  const limit = Atomics.load(state, ${LIMIT});
  if (limit === 0) {
    Atomics.wait(state, ${LIMIT}, 0);
    continue;
  }
  const heard = Atomics.load(state, ${SIGNS});
  parentPort.postMessage(0);
  let left = Math.ceil((limit + ${GRACE_MS}) / ${SLICE_MS});
  while (Atomics.load(state, ${SIGNS}) === heard) {
    if (left === 0) {
      require('node:fs').writeSync(2, workerData.message + '\\n');
      process.kill(process.pid, 'SIGKILL');
    }
    left -= 1;
    Atomics.wait(state, ${SIGNS}, heard, ${SLICE_MS});
  }
  Atomics.wait(state, 2, 0, ${PAUSE_MS});
}
`;

/** What a process that is ended says. */
const STUCK = 'The handler kept the process busy beyond its time. The instance is ended.';

export class Watchdog {
  readonly #state = new Int32Array(new SharedArrayBuffer(12));
  /** How many calls are on, by what each may take. */
  readonly #calls = new Map<number, number>();
  readonly #lineOf: (message: string) => string;
  #isStarted = false;

  /** @param lineOf what is written to the standard error before the process ends, without the line feed. */
  constructor(lineOf = (message: string): string => message) {
    this.#lineOf = lineOf;
  }

  /** Watches while a call is on that may hold the event loop for so long at the most. Returns what ends it. */
  watch(timeoutMs: number): () => void {
    this.#start();
    const limit = Math.max(1, Math.ceil(timeoutMs));
    this.#calls.set(limit, (this.#calls.get(limit) ?? 0) + 1);
    this.#tell();
    return () => {
      const others = (this.#calls.get(limit) ?? 1) - 1;
      if (others === 0) this.#calls.delete(limit);
      else this.#calls.set(limit, others);
      this.#tell();
    };
  }

  #tell(): void {
    // That a call begins or ends is a sign of life, too.
    Atomics.add(this.#state, SIGNS, 1);
    const limit = this.#calls.size === 0 ? 0 : Math.min(...this.#calls.keys());
    if (Atomics.exchange(this.#state, LIMIT, limit) !== limit) Atomics.notify(this.#state, LIMIT);
  }

  #start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const worker = new Worker(SOURCE, {
      eval: true,
      workerData: { shared: this.#state.buffer, message: this.#lineOf(STUCK) },
      env: {},
      // Those of the process may make the source above something else.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
    });
    worker.on('message', () => {
      Atomics.add(this.#state, SIGNS, 1);
      Atomics.notify(this.#state, SIGNS);
    });
    // Without it the platform's own timeout is what is left.
    worker.on('error', () => {});
    worker.unref();
  }
}
