import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

const IN = 3;
const OUT = 4;
/** How long the pipes of a process may stay open behind it: a child of its own may hold them. */
const CLOSE_PATIENCE_MS = 250;
/** A page of memory on the machines that tests run on. */
const PAGE_BYTES = 4096;

type Exit = { readonly code: number | null; readonly signal: string | null };

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

/** What lives of this process must not outlive it. Those that wait end by themselves; those that loop would not. */
const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** One process of Node, which waits bare until it is started: told what it is to serve. */
export class WorkerProcess<ToWorker, FromWorker> {
  readonly #child: ChildProcess;
  readonly #wire: WireOfWorker;
  #listener: WorkerListener<FromWorker> | undefined;
  #exit: Exit | undefined;
  readonly ended: Promise<void>;

  /** @param options.arguments those of Node, the script, and its own */
  constructor(options: {
    readonly arguments: readonly string[];
    readonly env: NodeJS.ProcessEnv;
    readonly wire: WireOfWorker;
  }) {
    const child = spawn(process.execPath, options.arguments, {
      cwd: '/',
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#wire = options.wire;
    living.add(child);
    for (const name of ['stdout', 'stderr'] as const) this.#readOutput(name);
    this.#readMessages();
    // Who writes to what has ended is told of it by the end itself.
    child.stdio[IN]?.on('error', () => {});
    this.ended = new Promise((resolve) => {
      const end = (code: number | null, signal: string | null): void => {
        if (this.#exit) return;
        living.delete(child);
        this.#exit = { code, signal };
        this.#listener?.exit(this.#exit);
        resolve();
      };
      child.on('error', () => end(127, null));
      child.on('close', end);
      child.on('exit', (code, signal) => setTimeout(end, CLOSE_PATIENCE_MS, code, signal).unref());
    });
    this.#reference(false);
  }

  get hasEnded(): boolean {
    return this.#exit !== undefined || this.#child.exitCode !== null;
  }

  /** Gives it what it is to serve. Nothing is heard of it before. */
  start(
    wish: Extract<ToWorker, { readonly kind: 'start' }>,
    listener: WorkerListener<FromWorker>,
  ): void {
    this.#listener = listener;
    this.#reference(true);
    if (this.#exit) listener.exit(this.#exit);
    else this.tell(wish);
  }

  tell(message: ToWorker): void {
    const input = this.#child.stdio[IN];
    if (input instanceof Writable && !input.destroyed) input.write(this.#wire.encode(message));
  }

  /** What it holds of the machine's memory; undefined where the machine does not tell. */
  residentBytes(): number | undefined {
    return this.#memory()?.resident;
  }

  /** The same for itself alone, without the program that all of them share. */
  ownBytes(): number | undefined {
    const memory = this.#memory();
    return memory && memory.resident - memory.shared;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #memory(): { readonly resident: number; readonly shared: number } | undefined {
    if (this.#child.pid === undefined || this.hasEnded) return undefined;
    try {
      const [, resident, shared] = readFileSync(`/proc/${this.#child.pid}/statm`, 'utf8').split(
        ' ',
      );
      return { resident: Number(resident) * PAGE_BYTES, shared: Number(shared) * PAGE_BYTES };
    } catch {
      return undefined;
    }
  }

  /** What is printed, and what the engine itself says when it fails. */
  #readOutput(stream: 'stdout' | 'stderr'): void {
    const decoder = new StringDecoder();
    this.#child[stream]?.on('data', (bytes: Buffer) => {
      this.#listener?.output(stream, decoder.write(bytes));
    });
  }

  #readMessages(): void {
    const output = this.#child.stdio[OUT];
    if (!(output instanceof Readable)) return;
    const read = this.#wire.reader((message) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- The worker sends nothing else.
      this.#listener?.message(message as FromWorker);
    });
    output.on('error', () => {});
    output.on('data', read);
  }

  /** What only waits does not keep the tests from ending. */
  #reference(isKept: boolean): void {
    if (isKept) this.#child.ref();
    else this.#child.unref();
    for (const stream of this.#child.stdio) {
      if (!hasReference(stream)) continue;
      if (isKept) stream.ref();
      else stream.unref();
    }
  }
}

function hasReference(stream: unknown): stream is { ref(): void; unref(): void } {
  return typeof stream === 'object' && stream !== null && 'ref' in stream && 'unref' in stream;
}
