import { Agent } from 'node:http';
import type { LogStream, ServiceRequest } from '../core/ports.ts';
import { exchangeInTime, type Outcome } from '../../shared/runtime/exchange-in-time.ts';
import { withHeader } from '../../shared/runtime/header-list.ts';
import { MemoryStrikes } from '../../shared/runtime/memory-strikes.ts';
import { OutputLines } from '../../shared/runtime/output-lines.ts';
import { Pings } from '../../shared/runtime/pings.ts';
import { type FromWorker, TIME_HEADER } from './messages.ts';
import type { WorkerProcess } from './worker-process.ts';

/** How a start went. */
export type StartOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly end: End; readonly stderr: readonly string[] };

/** Why an instance ended. */
export interface End {
  readonly cause: 'exit' | 'memory' | 'late' | 'stop';
  readonly message: string;
}

export interface InstanceParts {
  readonly id: string;
  readonly worker: WorkerProcess;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** The platform's time. */
  readonly now: () => number;
  readonly memoryMb: number;
  line(stream: LogStream, text: string): void;
  onEnd(): void;
}

const MB = 1024 * 1024;
/** What Node and the framework hold before the function does: a container of the smallest size has room for it. */
const BASE_MB = 64;
/** So many lines of a failed start are told. */
const TOLD_LINES = 20;

/** One instance: a process of the functions framework that serves a folder. */
export class Instance {
  readonly id: string;
  readonly started: Promise<StartOutcome>;
  /** Resolves when its process is gone. */
  readonly ended: Promise<void>;
  /** Undefined while it lives. */
  end: End | undefined;
  isStarted = false;
  readonly #parts: InstanceParts;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 256 });
  readonly #lines = new OutputLines((stream, line) => this.#print(stream, line));
  readonly #stderr: string[] = [];
  readonly #pings = new Pings();
  readonly #memory = new MemoryStrikes();
  #port = 0;
  #settleStart: (outcome: StartOutcome) => void = () => {};

  constructor(parts: InstanceParts) {
    this.id = parts.id;
    this.#parts = parts;
    this.ended = parts.worker.ended;
    this.started = new Promise((resolve) => {
      this.#settleStart = resolve;
    });
    const { env, folder, worker } = parts;
    worker.start(
      { kind: 'start', env, folder, nowMs: parts.now() },
      {
        message: (message) => this.#hear(message),
        output: (stream, text) => this.#output(stream, text),
        exit: ({ code, signal }) => this.#exited(code, signal),
      },
    );
  }

  /** Serves a request beside those that are under way. The start must have gone well. */
  async send(
    request: ServiceRequest,
    limits: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<Outcome> {
    if (this.end) return { kind: 'broken' };
    const headers = withHeader(request.headers, TIME_HEADER, String(this.#parts.now()));
    const target = { port: this.#port, agent: this.#agent };
    const first = await exchangeInTime(target, { ...request, headers }, limits);
    await this.#parts.worker.drained();
    return first;
  }

  /** Resolves once its code lets other things happen: not while it is in a loop. False when it ended before. */
  async isResponsive(): Promise<boolean> {
    if (this.end) return false;
    return this.#pings.ask(this.ended, (id) => this.#parts.worker.tell({ kind: 'ping', id }));
  }

  setTime(nowMs: number): void {
    if (!this.end) this.#parts.worker.tell({ kind: 'time', nowMs });
  }

  /** Ends it, and all that is under way with it. */
  kill(end: End): void {
    if (this.end) return;
    this.end = end;
    this.#parts.worker.kill();
    this.#lines.flush();
    this.#agent.destroy();
    this.#settleStart({ ok: false, end, stderr: this.#stderr });
    this.#parts.onEnd();
  }

  /** Of the memory that it may have. Undefined where the machine does not tell. */
  memoryUtilization(): number | undefined {
    const bytes = this.#parts.worker.ownBytes();
    return bytes === undefined ? undefined : Math.min(1, bytes / MB / this.#parts.memoryMb);
  }

  /** Looks at its memory from outside, which works whatever its code is doing. */
  checkMemory(): void {
    const bytes = this.#parts.worker.ownBytes() ?? 0;
    const limit = (this.#parts.memoryMb + BASE_MB) * MB;
    if (!this.#memory.isOver(bytes, limit)) return;
    const { memoryMb } = this.#parts;
    const used = Math.max(memoryMb + 1, Math.round(bytes / MB));
    const message = `Memory limit of ${memoryMb} MiB exceeded with ${used} MiB used. Consider increasing the memory limit, see https://cloud.google.com/run/docs/configuring/memory-limits`;
    if (!this.end) this.#parts.line('varlog/system', message);
    this.kill({ cause: 'memory', message });
  }

  #hear(message: FromWorker): void {
    if (this.end) return;
    if (message.kind === 'listening') {
      this.#port = message.port;
      this.isStarted = true;
      this.#settleStart({ ok: true });
    } else this.#pings.answered(message.id);
  }

  #output(stream: 'stdout' | 'stderr', text: string): void {
    if (this.end) return;
    this.#lines.push(stream, text);
  }

  #print(stream: 'stdout' | 'stderr', text: string): void {
    if (text.trim() === '') return;
    if (stream === 'stderr') {
      this.#stderr.push(text);
      this.#stderr.splice(0, this.#stderr.length - TOLD_LINES);
    }
    this.#parts.line(stream, text);
  }

  #exited(code: number | null, signal: string | null): void {
    const message =
      signal === null
        ? `Container called exit(${code ?? 0}).`
        : `Container terminated on signal ${SIGNALS[signal] ?? 9}.`;
    if (!this.end) {
      this.#lines.flush();
      this.#parts.line('varlog/system', message);
    }
    this.kill({ cause: 'exit', message });
  }
}

const SIGNALS: Readonly<Record<string, number>> = {
  SIGABRT: 6,
  SIGBUS: 7,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
};
