import { readFileSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { type Exit, processStarter } from './process-starter.ts';

/** A page of memory on the machines that tests run on. */
const PAGE_BYTES = 4096;

export interface WorkerListener<FromWorker> {
  message(message: FromWorker): void;
  output(stream: 'stdout' | 'stderr', text: string): void;
  /** Once, after the last message. */
  exit(exit: Exit): void;
}

/** How messages are written in the pipes. */
export interface WireOfWorker {
  encode(message: unknown): string | Buffer;
  /** Takes what comes out of the pipe apart into messages. */
  reader(onMessage: (message: unknown) => void): (bytes: Buffer) => void;
}

/** One process of Node, which waits bare until it is started: told what it is to serve. */
export class WorkerProcess<ToWorker, FromWorker> {
  readonly #starter = processStarter();
  readonly #id: number;
  readonly #wire: WireOfWorker;
  #pid: number | undefined;
  #listener: WorkerListener<FromWorker> | undefined;
  #exit: Exit | undefined;
  readonly ended: Promise<void>;

  /** @param options.arguments those of Node, the script, and its own */
  constructor(options: {
    readonly arguments: readonly string[];
    readonly env: NodeJS.ProcessEnv;
    readonly wire: WireOfWorker;
  }) {
    const { wire, ...wish } = options;
    this.#wire = wire;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    const readers = {
      stdout: this.#outputReader('stdout'),
      stderr: this.#outputReader('stderr'),
      message: wire.reader((message) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- The worker sends nothing else.
        this.#listener?.message(message as FromWorker);
      }),
    };
    this.#id = this.#starter.start(wish, {
      started: (pid) => {
        this.#pid = pid;
      },
      bytes: (from, bytes) => readers[from](bytes),
      exit: (exit) => {
        this.#exit = exit;
        this.#listener?.exit(exit);
        resolve();
      },
    });
  }

  get hasEnded(): boolean {
    return this.#exit !== undefined;
  }

  /** Gives it what it is to serve. Nothing is heard of it before. */
  start(
    wish: Extract<ToWorker, { readonly kind: 'start' }>,
    listener: WorkerListener<FromWorker>,
  ): void {
    this.#listener = listener;
    this.#starter.keep(this.#id);
    if (this.#exit) listener.exit(this.#exit);
    else this.tell(wish);
  }

  tell(message: ToWorker): void {
    this.#starter.write(this.#id, this.#wire.encode(message));
  }

  /** What it holds of the machine's memory; undefined where the machine does not tell, or not yet. */
  residentBytes(): number | undefined {
    return this.#memory()?.resident;
  }

  /** The same for itself alone, without the program that all of them share. */
  ownBytes(): number | undefined {
    const memory = this.#memory();
    return memory && memory.resident - memory.shared;
  }

  /** Resolves when all that it has printed by now was heard. */
  drained(): Promise<void> {
    return this.#starter.drained();
  }

  kill(): void {
    this.#starter.kill(this.#id);
  }

  #memory(): { readonly resident: number; readonly shared: number } | undefined {
    if (this.#pid === undefined || this.hasEnded) return undefined;
    try {
      const [, resident, shared] = readFileSync(`/proc/${this.#pid}/statm`, 'utf8').split(' ');
      return { resident: Number(resident) * PAGE_BYTES, shared: Number(shared) * PAGE_BYTES };
    } catch {
      return undefined;
    }
  }

  /** What is printed, and what the engine itself says when it fails. */
  #outputReader(stream: 'stdout' | 'stderr'): (bytes: Buffer) => void {
    const decoder = new StringDecoder();
    return (bytes) => this.#listener?.output(stream, decoder.write(bytes));
  }
}
