import { Agent } from 'node:http';
import { exchangeInTime, type Outcome } from '../../shared/runtime/exchange-in-time.ts';
import { withHeader } from '../../shared/runtime/header-list.ts';
import { MemoryStrikes } from '../../shared/runtime/memory-strikes.ts';
import { OutputLines } from '../../shared/runtime/output-lines.ts';
import { Pings } from '../../shared/runtime/pings.ts';
import type { FunctionRequest } from '../core/ports.ts';
import { type FromWorker, TIME_HEADER } from './messages.ts';
import type { WorkerProcess } from './worker-process.ts';

export interface InstanceParts {
  readonly worker: WorkerProcess;
  readonly folder: string;
  readonly handler: string;
  readonly env: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  /** The platform's time. */
  readonly now: () => number;
  /** With the request that was begun last: output does not say whose it is. */
  line(stream: 'stdout' | 'stderr', text: string, of: FunctionRequest | undefined): void;
  /** Its code failed: it is to be sent nothing new. */
  onFailing(): void;
  onEnd(): void;
}

const MB = 1024 * 1024;
/** What Node and the launcher hold before the function does: a function of the smallest size has room for it. */
const BASE_MB = 64;

/** One instance: a process that serves a `.func` folder. */
export class Instance {
  /** False when it ended before it served. */
  readonly started: Promise<boolean>;
  /** Resolves when its process is gone. */
  readonly ended: Promise<void>;
  hasEnded = false;
  peakMemoryMb = 0;
  readonly #parts: InstanceParts;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 256 });
  readonly #lines = new OutputLines((stream, line) => this.#print(stream, line));
  readonly #pings = new Pings();
  readonly #memory = new MemoryStrikes();
  readonly #active = new Set<FunctionRequest>();
  #last: FunctionRequest | undefined;
  #port = 0;
  #settleStart: (isStarted: boolean) => void = () => {};

  constructor(parts: InstanceParts) {
    this.#parts = parts;
    this.ended = parts.worker.ended;
    this.started = new Promise((resolve) => {
      this.#settleStart = resolve;
    });
    const { env, folder, handler, worker } = parts;
    worker.start(
      { kind: 'start', env, folder, handler, nowMs: parts.now() },
      {
        message: (message) => this.#hear(message),
        output: (stream, text) => this.#output(stream, text),
        exit: ({ code, signal }) => this.#exited(code, signal),
      },
    );
  }

  /**
   * Serves a request beside those that are under way. The start must have gone well. A caller that goes away meanwhile
   * ends nothing: functions run on, unless they ask for cancellation.
   */
  async send(request: FunctionRequest, timeoutMs: number): Promise<Outcome> {
    if (this.hasEnded) return { kind: 'broken' };
    const headers = withHeader(request.headers, TIME_HEADER, String(this.#parts.now()));
    this.#active.add(request);
    this.#last = request;
    const target = { port: this.#port, agent: this.#agent };
    const first = await exchangeInTime(target, { ...request, headers }, { timeoutMs });
    this.#measure();
    await this.#parts.worker.drained();
    this.#active.delete(request);
    return first;
  }

  /** Resolves once its code lets other things happen: not while it is in a loop. False when it ended before. */
  async isResponsive(): Promise<boolean> {
    if (this.hasEnded) return false;
    return this.#pings.ask(this.ended, (id) => this.#parts.worker.tell({ kind: 'ping', id }));
  }

  setTime(nowMs: number): void {
    if (!this.hasEnded) this.#parts.worker.tell({ kind: 'time', nowMs });
  }

  /** A line of the platform's own among those of the function. */
  say(text: string, of = this.#speaker): void {
    this.#parts.line('stderr', text, of);
  }

  /** Ends it, and all that is under way with it. */
  kill(): void {
    if (this.hasEnded) return;
    this.#lines.flush();
    this.hasEnded = true;
    this.#parts.worker.kill();
    this.#agent.destroy();
    this.#settleStart(false);
    this.#parts.onEnd();
  }

  /** Looks at its memory from outside, which works whatever its code is doing. */
  checkMemory(): void {
    const bytes = this.#measure();
    const limit = (this.#parts.memoryMb + BASE_MB) * MB;
    if (!this.#memory.isOver(bytes, limit) || this.hasEnded) return;
    this.say('Vercel Runtime Error: instance was killed because it ran out of available memory');
    this.kill();
  }

  /** The whole of it has a share in what the function may have: it is never told to hold more than that. */
  #measure(): number {
    const bytes = this.#parts.worker.ownBytes() ?? 0;
    const used = Math.min(this.#parts.memoryMb, Math.ceil(bytes / MB));
    this.peakMemoryMb = Math.max(this.peakMemoryMb, used);
    return bytes;
  }

  get #speaker(): FunctionRequest | undefined {
    return [...this.#active].at(-1) ?? this.#last;
  }

  #hear(message: FromWorker): void {
    if (this.hasEnded) return;
    if (message.kind === 'listening') {
      this.#port = message.port;
      this.#settleStart(true);
    } else if (message.kind === 'failing') this.#parts.onFailing();
    else this.#pings.answered(message.id);
  }

  #output(stream: 'stdout' | 'stderr', text: string): void {
    if (this.hasEnded) return;
    this.#lines.push(stream, text);
  }

  #print(stream: 'stdout' | 'stderr', text: string): void {
    if (text.trim() !== '') this.#parts.line(stream, text, this.#speaker);
  }

  #exited(code: number | null, signal: string | null): void {
    if (this.hasEnded) return;
    this.#lines.flush();
    const how = signal === null ? `exit status: ${code ?? 0}` : `signal: ${signal}`;
    this.say(
      `Node.js process exited with ${how}. The logs above can help with debugging the issue.`,
    );
    this.kill();
  }
}
