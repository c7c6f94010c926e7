import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('process-starter.cjs', import.meta.url));

export type Exit = { readonly code: number | null; readonly signal: string | null };

type Wish =
  | {
      readonly kind: 'start';
      readonly id: number;
      readonly arguments: readonly string[];
      readonly env: NodeJS.ProcessEnv;
    }
  | { readonly kind: 'write'; readonly id: number; readonly bytes: string | Buffer }
  | { readonly kind: 'kill'; readonly id: number }
  | { readonly kind: 'drain'; readonly id: number };

type Report =
  | { readonly kind: 'started'; readonly id: number; readonly pid: number | undefined }
  | { readonly kind: 'stdout' | 'stderr' | 'message'; readonly id: number; readonly bytes: Buffer }
  | ({ readonly kind: 'exit'; readonly id: number } & Exit)
  | { readonly kind: 'drained'; readonly id: number };

export interface ProcessListener {
  started(pid: number | undefined): void;
  bytes(from: 'stdout' | 'stderr' | 'message', bytes: Buffer): void;
  /** Once, after the last bytes. */
  exit(exit: Exit): void;
}

/** What a starter that is gone leaves of its processes. */
const LOST: Exit = { code: null, signal: 'SIGKILL' };

/** The process that starts processes for this one. It lives as long as this one does, and keeps nothing from ending. */
class ProcessStarter {
  readonly #child: ChildProcess;
  readonly #listeners = new Map<number, ProcessListener>();
  readonly #kept = new Set<number>();
  readonly #drains = new Map<number, () => void>();
  #last = 0;

  constructor(onGone: () => void) {
    this.#child = fork(PROGRAM, [], { serialization: 'advanced', execArgv: [], env: {} });
    this.#child.on('message', (report: Report) => this.#hear(report));
    let isGone = false;
    const gone = (): void => {
      if (isGone) return;
      isGone = true;
      onGone();
      for (const id of this.#listeners.keys()) this.#hear({ kind: 'exit', id, ...LOST });
      for (const id of this.#drains.keys()) this.#hear({ kind: 'drained', id });
    };
    this.#child.on('error', gone);
    this.#child.on('exit', gone);
    this.#child.unref();
    this.#child.channel?.unref();
  }

  start(
    wish: { readonly arguments: readonly string[]; readonly env: NodeJS.ProcessEnv },
    listener: ProcessListener,
  ): number {
    this.#last += 1;
    this.#listeners.set(this.#last, listener);
    this.#wish({ kind: 'start', id: this.#last, ...wish });
    return this.#last;
  }

  write(id: number, bytes: string | Buffer): void {
    if (this.#listeners.has(id)) this.#wish({ kind: 'write', id, bytes });
  }

  kill(id: number): void {
    if (this.#listeners.has(id)) this.#wish({ kind: 'kill', id });
  }

  /** Resolves when all that the processes have printed by now was heard. */
  async drained(): Promise<void> {
    if (!this.#child.connected) return;
    this.#last += 1;
    const id = this.#last;
    const heard = new Promise<void>((resolve) => void this.#drains.set(id, resolve));
    this.#wish({ kind: 'drain', id });
    await heard;
  }

  /** As long as the process lives, this one does not end by itself. */
  keep(id: number): void {
    if (!this.#listeners.has(id)) return;
    this.#kept.add(id);
    this.#child.channel?.ref();
  }

  #wish(wish: Wish): void {
    if (this.#child.connected) this.#child.send(wish);
  }

  #hear(report: Report): void {
    if (report.kind === 'drained') {
      this.#drains.get(report.id)?.();
      this.#drains.delete(report.id);
      return;
    }
    const listener = this.#listeners.get(report.id);
    if (!listener) return;
    if (report.kind === 'started') listener.started(report.pid);
    else if (report.kind === 'exit') {
      this.#listeners.delete(report.id);
      this.#kept.delete(report.id);
      if (this.#kept.size === 0) this.#child.channel?.unref();
      listener.exit({ code: report.code, signal: report.signal });
    } else listener.bytes(report.kind, report.bytes);
  }
}

let current: ProcessStarter | undefined;

/** The one of this process, which is started when it is first needed. */
export function processStarter(): ProcessStarter {
  current ??= new ProcessStarter(() => {
    current = undefined;
  });
  return current;
}
