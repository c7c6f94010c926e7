import { MemoryStrikes } from '../../shared/runtime/memory-strikes.ts';
import { OutputLines } from '../../shared/runtime/output-lines.ts';
import type { RegisteredFunction } from '../core/ports.ts';
import { type HostLog, isError, type LineContext } from './host-log.ts';
import type { FromWorker, RpcHttp, RpcInvocation, StartWish } from './messages.ts';
import type { WorkerProcess } from './worker-process.ts';

/** How a start went. */
export type StartOutcome =
  | { readonly ok: true; readonly functions: readonly RegisteredFunction[] }
  | { readonly ok: false; readonly message: string };

export interface InvocationError {
  readonly type: string;
  readonly message: string;
  readonly stack: string;
  /** The exception that the host has put into it. */
  readonly inner?: { readonly type: string; readonly message: string };
}

/** What an invocation came to. */
export type Outcome =
  | { readonly kind: 'done'; readonly http: RpcHttp | null | undefined }
  | { readonly kind: 'error'; readonly error: InvocationError }
  | { readonly kind: 'ended'; readonly end: End };

/** Why an instance ended. */
export interface End {
  readonly cause: 'exit' | 'restart' | 'timeout' | 'abort' | 'memory' | 'stop';
  readonly message: string;
  /** Of a process: the last it said of errors, as the host keeps it. */
  readonly lastErrors?: string;
}

interface Pending {
  readonly context: LineContext;
  settle(outcome: Outcome): void;
}

export interface InstanceParts {
  readonly id: string;
  readonly worker: WorkerProcess;
  readonly wish: Omit<StartWish, 'nowMs'>;
  /** The platform's time. */
  readonly now: () => number;
  readonly log: HostLog;
  readonly memoryMb: number;
  readonly isAlwaysReady: boolean;
  readonly onEnd: () => void;
}

const MB = 1024 * 1024;
const WORKER = 'Worker.rpcWorkerProcess';

/** One instance: a process that serves a package. */
export class Instance {
  readonly id: string;
  readonly isAlwaysReady: boolean;
  readonly started: Promise<StartOutcome>;
  /** Resolves when its process is gone. */
  readonly ended: Promise<void>;
  /** Undefined while it lives. */
  end: End | undefined;
  isStarted = false;
  readonly #worker: WorkerProcess;
  readonly #log: HostLog;
  readonly #limitBytes: number;
  readonly #onEnd: () => void;
  readonly #pending = new Map<string, Pending>();
  readonly #lines = new OutputLines((stream, line) => this.#print(stream, line));
  readonly #memory = new MemoryStrikes();
  #lastErrors: readonly string[] = [];
  #settleStart: (outcome: StartOutcome) => void = () => {};

  constructor(parts: InstanceParts) {
    this.id = parts.id;
    this.isAlwaysReady = parts.isAlwaysReady;
    this.#worker = parts.worker;
    this.#log = parts.log;
    this.#limitBytes = parts.memoryMb * MB;
    this.#onEnd = parts.onEnd;
    this.ended = parts.worker.ended;
    this.started = new Promise((resolve) => {
      this.#settleStart = resolve;
    });
    parts.worker.start(
      { ...parts.wish, nowMs: parts.now() },
      {
        message: (message) => this.#hear(message),
        // Written past the streams of Node: by the engine itself when it fails, or by native code.
        output: (stream, text) => this.#hear({ kind: 'output', stream, text }),
        exit: ({ code, signal }) => this.#exited(code, signal),
      },
    );
  }

  /** Serves a call beside those that are under way. The start must have gone well. */
  run(invocation: RpcInvocation, context: LineContext): Promise<Outcome> {
    if (this.end) return Promise.resolve({ kind: 'ended', end: this.end });
    const outcome = new Promise<Outcome>((settle) => {
      this.#pending.set(invocation.id, { context, settle });
    });
    this.#worker.tell(invocation);
    return outcome;
  }

  /**
   * Ends it, and all that is under way with it.
   *
   * @param overdue the call on whose account it ends, if it is one's.
   */
  kill(end: End, overdue?: string): void {
    if (this.end) return;
    this.end = end;
    this.#worker.kill();
    this.#lines.flush();
    this.#settleStart({ ok: false, message: end.message });
    for (const [id, { settle }] of this.#pending) {
      const isOther = overdue !== undefined && id !== overdue;
      settle({ kind: 'ended', end: isOther ? abortedBy(end) : end });
    }
    this.#pending.clear();
    this.#onEnd();
  }

  residentMb(): number | undefined {
    const bytes = this.#worker.residentBytes();
    return bytes === undefined ? undefined : bytes / MB;
  }

  /** Looks at its memory from outside, which works whatever its code is doing. */
  checkMemory(): void {
    const bytes = this.#worker.residentBytes() ?? 0;
    if (!this.#memory.isOver(bytes, this.#limitBytes)) return;
    this.kill({
      cause: 'memory',
      message: 'node exited with code 137 (0x89)',
      lastErrors: this.#lastErrors.join(','),
    });
  }

  #hear(message: FromWorker): void {
    if (this.end) return;
    if (message.kind === 'output') this.#lines.push(message.stream, message.text);
    else if (message.kind === 'log') this.#line(message);
    else if (message.kind === 'started') {
      this.isStarted = true;
      this.#settleStart({ ok: true, functions: message.functions });
    } else if (message.kind === 'failed') {
      this.#log.line('Host.Function.Console', 'error', message.stack, { instanceId: this.id });
      this.kill({ cause: 'exit', message: message.message });
    } else if (message.kind === 'done') {
      this.#settle(message.id, { kind: 'done', http: message.http });
    } else {
      const { id, type, message: text, stack } = message;
      this.#settle(id, { kind: 'error', error: { type, message: text, stack } });
    }
  }

  #settle(id: string, outcome: Outcome): void {
    this.#pending.get(id)?.settle(outcome);
    this.#pending.delete(id);
  }

  #line({ id, name, level, category, message }: Extract<FromWorker, { kind: 'log' }>): void {
    const context = this.#pending.get(id ?? '')?.context ?? { instanceId: this.id };
    if (category === 'user' && name !== undefined) this.#log.user(name, level, message, context);
    else this.#log.line(WORKER, level, message, context);
  }

  #print(stream: 'stdout' | 'stderr', text: string): void {
    if (text === '') return;
    // What the worker says of itself.
    const isSystem = text.startsWith('LanguageWorkerConsoleLog');
    if (isSystem) this.#log.line(WORKER, 'error', text, { instanceId: this.id });
    else this.#log.console(stream, text, { instanceId: this.id });
    if (stream === 'stderr' && isError(text)) {
      this.#lastErrors = [...this.#lastErrors, text].slice(-MAX_LAST_ERRORS);
    }
  }

  #exited(code: number | null, signal: string | null): void {
    // A process that a signal ended has that as its code, as a shell says it.
    const number = code ?? 128 + (SIGNALS[signal ?? ''] ?? 9);
    const message = `node exited with code ${number} (0x${number.toString(16).toUpperCase()})`;
    if (!this.end) this.#log.line('Host.General', 'error', message, { instanceId: this.id });
    // To the host, these two ask for another process, and nothing went wrong.
    if (number === 0 || number === 200) this.kill({ cause: 'restart', message: ABORTED });
    else this.kill({ cause: 'exit', message, lastErrors: this.#lastErrors.join(',') });
  }
}

const ABORTED = 'Worker channel is shutting down. Aborting function.';

/** What the host says of calls beside the one that took too long (`WorkerChannel.cs` of azure-functions-host). */
function abortedBy({ message }: End): End {
  return { cause: 'abort', message: `${ABORTED} Reason: ${message}`, lastErrors: message };
}

/** The host keeps so many (`WorkerProcessUtilities.AddStdErrMessage` of the host's sources). */
const MAX_LAST_ERRORS = 3;

const SIGNALS: Readonly<Record<string, number>> = {
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
};
