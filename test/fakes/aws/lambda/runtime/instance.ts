import type { VersionConfig } from '../execution.ts';
import type { InitializationType } from './environment.ts';
import type { InstanceLog } from './instance-log.ts';
import { HEAP_FULL } from './transport.ts';
import type {
  CreateTransport,
  Exit,
  FromInstance,
  Invocation,
  Memory,
  Transport,
} from './transport.ts';

/** What became of a start or a call. */
export type Outcome =
  | { readonly kind: 'done'; readonly body: string }
  /** The runtime's own word on what went wrong, as JSON. */
  | { readonly kind: 'error'; readonly body: string }
  | { readonly kind: 'exit'; readonly exit: Exit }
  /** There is nothing that could run the code. */
  | { readonly kind: 'no-entrypoint'; readonly reason: string }
  | { readonly kind: 'memory' }
  | { readonly kind: 'timeout' };

export interface InstanceParts {
  readonly id: string;
  readonly config: VersionConfig;
  readonly initialization: InitializationType;
  readonly log: InstanceLog;
  readonly create: CreateTransport;
  readonly env: Readonly<Record<string, string>>;
  readonly taskRoot: string;
  readonly onEnd: () => void;
}

/** Readings of too much in a row after which it is no garbage of the moment. */
const PATIENCE = 3;
/** Of the memory; Lambda gives V8 about so much. */
const HEAP_SHARE = 0.9;
const MB = 1024 * 1024;

/** One instance: a sandbox that serves one call at a time. */
export class Instance {
  readonly id: string;
  readonly config: VersionConfig;
  readonly initialization: InitializationType;
  readonly log: InstanceLog;
  /** How the start went. `done` has an empty body. */
  readonly started: Promise<Outcome>;
  readonly ended: Promise<void>;
  /** How long the start took in real time; known once it is over. */
  initMs = 0;
  isEnded = false;
  /** The highest reading of its memory. */
  peakBytes = 0;
  readonly #transport: Transport;
  readonly #startedAt = performance.now();
  readonly #onEnd: () => void;
  #finish: (outcome: Outcome) => void = () => {};
  #markEnded: () => void = () => {};
  /** The answer, until the runtime asks for the next call: only then is the sandbox free. */
  #answer: Outcome | undefined;
  #isStarting = true;
  #killedFor: Outcome | undefined;
  #strikes = 0;
  #isReading = false;

  constructor(parts: InstanceParts) {
    this.id = parts.id;
    this.config = parts.config;
    this.initialization = parts.initialization;
    this.log = parts.log;
    this.#onEnd = parts.onEnd;
    this.started = this.#expect();
    this.ended = new Promise((resolve) => {
      this.#markEnded = resolve;
    });
    this.#transport = parts.create(
      {
        id: parts.id,
        name: parts.config.functionName,
        env: parts.env,
        taskRoot: parts.taskRoot,
        memoryMb: parts.config.memoryMb,
      },
      { message: (message) => this.#hear(message), exit: (exit) => this.#exited(exit) },
    );
  }

  /** Serves a call. The start must have gone well, and no other call may be under way. */
  run(invocation: Invocation): Promise<Outcome> {
    this.#answer = undefined;
    const outcome = this.#expect();
    if (this.isEnded) this.#finish({ kind: 'exit', exit: { code: null, signal: 'SIGKILL' } });
    else this.#transport.send(invocation);
    return outcome;
  }

  /** Ends it. What is under way comes to `outcome`, at once: a thread may take its time to end. */
  kill(outcome: Outcome = { kind: 'exit', exit: { code: null, signal: 'SIGKILL' } }): void {
    if (this.isEnded || this.#killedFor) return;
    this.#killedFor = outcome;
    this.#transport.kill();
    this.#finish(outcome);
    this.#end();
  }

  /** The runtime could not start the code. */
  initError(body: string): void {
    this.#answer = { kind: 'error', body };
  }

  streamed(body: string, failure: string | undefined): void {
    this.#answer =
      failure === undefined ? { kind: 'done', body } : { kind: 'error', body: failure };
  }

  /** Looks at its memory from outside, which works whatever its code is doing. */
  checkMemory(): void {
    if (this.#isReading || this.isEnded) return;
    this.#isReading = true;
    void this.#transport.memory().then((memory) => {
      this.#isReading = false;
      if (memory === undefined) return;
      this.#notePeak(memory);
      const limit = this.config.memoryMb * MB;
      this.#strikes = memory.total > limit ? this.#strikes + 1 : 0;
      if (this.#strikes >= PATIENCE || memory.total > 2 * limit) this.#exceed(memory);
    });
  }

  /** A heap that is full makes V8 abort; all else is the kernel's to kill. */
  #exceed({ heap }: Memory): void {
    const isHeap = heap > this.config.memoryMb * MB * HEAP_SHARE;
    this.kill(
      isHeap ? { kind: 'exit', exit: { code: null, signal: HEAP_FULL } } : { kind: 'memory' },
    );
  }

  #hear(message: FromInstance): void {
    if (this.#killedFor) return;
    switch (message[0]) {
      case 'line':
        this.log.line(message[1]);
        break;
      case 'output':
        this.log.output(message[1]);
        break;
      case 'done':
      case 'error':
        this.#answer = { kind: message[0], body: message[2] };
        this.#notePeak(message[3]);
        break;
      case 'init-error':
        this.initError(message[1]);
        break;
      case 'no-entrypoint':
        this.#answer = { kind: 'no-entrypoint', reason: message[1] };
        break;
      case 'exceeded':
        this.#exceed(message[1]);
        break;
      case 'next':
        if (this.#isStarting) {
          this.#isStarting = false;
          this.initMs = performance.now() - this.#startedAt;
          this.#finish({ kind: 'done', body: '' });
        } else if (this.#answer) this.#finish(this.#answer);
        break;
    }
  }

  #exited(exit: Exit): void {
    if (!this.#killedFor) {
      if (this.#isStarting) this.initMs = performance.now() - this.#startedAt;
      this.#finish(this.#answer ?? { kind: 'exit', exit });
      this.#end();
    }
    this.#markEnded();
  }

  #end(): void {
    this.isEnded = true;
    this.#onEnd();
  }

  #notePeak({ total }: Memory): void {
    this.peakBytes = Math.max(this.peakBytes, total);
  }

  #expect(): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#finish = resolve;
    });
  }
}
