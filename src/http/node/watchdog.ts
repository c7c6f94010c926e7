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
const NEVER = 2;
/** Behind them, calls that are on: when its time is up, how long its request id is, and the id. */
const NOTES_AT = 16;
const NOTE_BYTES = 144;
const LENGTH_AT = 8;
const ID_AT = 9;
const MOST_NOTES = 16;
const SHARED_BYTES = NOTES_AT + MOST_NOTES * NOTE_BYTES;
/** Stands in the line for the request id. */
const ID_MARK = '@request@';

/** Runs in the thread: sleeps until a call is on; then asks, and counts how long no sign of life comes. */
const SOURCE = `
const { parentPort, workerData } = require('node:worker_threads');
const { shared, line } = workerData;
const state = new Int32Array(shared, 0, 3);
const notes = Buffer.from(shared, ${NOTES_AT});
const lines = (heardAt) => {
  const on = [];
  for (let at = 0; at < notes.length; at += ${NOTE_BYTES}) {
    const size = notes[at + ${LENGTH_AT}];
    const id = notes.toString('utf8', at + ${ID_AT}, at + ${ID_AT} + size);
    if (size > 0) on.push({ id, isLate: notes.readDoubleLE(at) + ${PAUSE_MS} < heardAt });
  }
  // What was overdue before may still be on, and did not hold anything up.
  const told = on.some(({ isLate }) => !isLate) ? on.filter(({ isLate }) => !isLate) : on;
  return (told.length > 0 ? told : [{ id: '' }])
    .map(({ id }) => line.replaceAll('${ID_MARK}', () => JSON.stringify(id).slice(1, -1)) + '\\n')
    .join('');
};
for (;;) {
  const limit = Atomics.load(state, ${LIMIT});
  if (limit === 0) {
    Atomics.wait(state, ${LIMIT}, 0);
    continue;
  }
  const heard = Atomics.load(state, ${SIGNS});
  const heardAt = Date.now();
  parentPort.postMessage(0);
  let left = Math.ceil((limit + ${GRACE_MS}) / ${SLICE_MS});
  while (Atomics.load(state, ${SIGNS}) === heard) {
    if (left === 0) {
      require('node:fs').writeSync(2, lines(heardAt));
      process.kill(process.pid, 'SIGKILL');
    }
    left -= 1;
    Atomics.wait(state, ${SIGNS}, heard, ${SLICE_MS});
  }
  Atomics.wait(state, ${NEVER}, 0, ${PAUSE_MS});
}
`;

/** What a process that is ended says. */
const STUCK = 'The handler kept the process busy beyond its time. The instance is ended.';

export class Watchdog {
  readonly #shared = new SharedArrayBuffer(SHARED_BYTES);
  readonly #state = new Int32Array(this.#shared, 0, 3);
  readonly #notes = Buffer.from(this.#shared, NOTES_AT);
  /** How many calls are on, by what each may take. */
  readonly #calls = new Map<number, number>();
  readonly #line: string;
  #isStarted = false;

  /**
   * @param lineOf what is written to the standard error before the process ends, for each call that is on, without the line
   * feed. The request id that it is given must stand in it as it is, between quotes of JSON, or not at all.
   */
  constructor(lineOf = (message: string, _requestId: string): string => message) {
    this.#line = lineOf(STUCK, ID_MARK);
  }

  /** Watches while a call is on that may hold the event loop for so long at the most. Returns what ends it. */
  watch(timeoutMs: number, requestId = ''): () => void {
    this.#start();
    const limit = Math.max(1, Math.ceil(timeoutMs));
    this.#calls.set(limit, (this.#calls.get(limit) ?? 0) + 1);
    const place = this.#note(requestId, Date.now() + limit);
    this.#tell();
    return () => {
      if (place !== undefined) this.#notes[place + LENGTH_AT] = 0;
      const others = (this.#calls.get(limit) ?? 1) - 1;
      if (others === 0) this.#calls.delete(limit);
      else this.#calls.set(limit, others);
      this.#tell();
    };
  }

  /** Where it stands now; undefined when there is no room for it. */
  #note(requestId: string, lateAt: number): number | undefined {
    const size = Buffer.byteLength(requestId);
    if (size === 0 || size > NOTE_BYTES - ID_AT) return undefined;
    for (let at = 0; at < this.#notes.length; at += NOTE_BYTES) {
      if (this.#notes[at + LENGTH_AT] !== 0) continue;
      this.#notes.writeDoubleLE(lateAt, at);
      this.#notes.write(requestId, at + ID_AT);
      this.#notes[at + LENGTH_AT] = size;
      return at;
    }
    return undefined;
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
      workerData: { shared: this.#shared, line: this.#line },
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
