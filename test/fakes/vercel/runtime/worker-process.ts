import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { fileURLToPath } from 'node:url';
import type { FromWorker, ToWorker } from './messages.ts';

const WORKER = fileURLToPath(new URL('worker.cjs', import.meta.url));
const IN = 3;
const OUT = 4;
/** How long the pipes of a process may stay open behind it: a child of its own may hold them. */
const CLOSE_PATIENCE_MS = 250;
/** A page of memory on the machines that tests run on. */
const PAGE_BYTES = 4096;

/** What the vendor runs functions with. It is no module of the package's face, so that it is found beside its main one. */
const VENDOR_HANDLER = join(
  dirname(createRequire(import.meta.url).resolve('@vercel/node')),
  'bundling-handler.js',
);

export interface WorkerListener {
  message(message: FromWorker): void;
  output(stream: 'stdout' | 'stderr', text: string): void;
  /** Once, after the last message. */
  exit(exit: { readonly code: number | null; readonly signal: string | null }): void;
}

/** What lives of this process must not outlive it. Those that wait end by themselves; those that loop would not. */
const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** One process of Node with the vendor's handler, which waits for a folder until it is started. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  #listener: WorkerListener | undefined;
  #exit: { readonly code: number | null; readonly signal: string | null } | undefined;
  readonly ended: Promise<void>;

  /** @param nodeOptions what the function sets as NODE_OPTIONS: only a new process can obey it */
  constructor(nodeOptions?: string) {
    const child = spawn(process.execPath, [WORKER, VENDOR_HANDLER], {
      cwd: '/',
      env: nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
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

  /** Gives it a folder. Nothing is heard of it before. */
  start(wish: Extract<ToWorker, { kind: 'start' }>, listener: WorkerListener): void {
    this.#listener = listener;
    this.#reference(true);
    if (this.#exit) listener.exit(this.#exit);
    else this.tell(wish);
  }

  tell(message: ToWorker): void {
    const input = this.#child.stdio[IN];
    if (input instanceof Writable && !input.destroyed) input.write(`${JSON.stringify(message)}\n`);
  }

  /**
   * What it holds of the machine's memory for itself alone, without the program that all of them share; undefined where
   * the machine does not tell.
   */
  ownBytes(): number | undefined {
    if (this.#child.pid === undefined || this.hasEnded) return undefined;
    try {
      const [, resident, shared] = readFileSync(`/proc/${this.#child.pid}/statm`, 'utf8').split(
        ' ',
      );
      return (Number(resident) - Number(shared)) * PAGE_BYTES;
    } catch {
      return undefined;
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #readOutput(stream: 'stdout' | 'stderr'): void {
    const decoder = new StringDecoder();
    this.#child[stream]?.on('data', (bytes: Buffer) => {
      this.#listener?.output(stream, decoder.write(bytes));
    });
  }

  #readMessages(): void {
    const output = this.#child.stdio[OUT];
    if (!(output instanceof Readable)) return;
    let rest = '';
    output.on('error', () => {});
    output.on('data', (bytes: Buffer) => {
      const lines = (rest + bytes.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- The worker sends nothing else.
        this.#listener?.message(JSON.parse(line) as FromWorker);
      }
    });
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
