import { Agent } from 'node:http';
import { exchange, type ExchangeOutcome } from '../../gcp/runtime/exchange.ts';
import { withHeader } from '../../gcp/runtime/header-list.ts';
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

/** What came of a request. */
export type Outcome = ExchangeOutcome | { readonly kind: 'timeout' };

/** Readings of too much in a row after which it is no garbage of the moment. */
const PATIENCE = 3;
const MB = 1024 * 1024;
/** What Node and the launcher hold before the function does: a function of the smallest size has room for it. */
const BASE_MB = 64;
/** Turns of the event loop without output after which none is on its way. */
const QUIET_TURNS = 2;

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
  readonly #rests = { stdout: '', stderr: '' };
  readonly #pings = new Map<number, () => void>();
  readonly #active = new Set<FunctionRequest>();
  #last: FunctionRequest | undefined;
  #port = 0;
  #settleStart: (isStarted: boolean) => void = () => {};
  #strikes = 0;
  #heardBytes = 0;

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
    const { outcome, abandon } = exchange(target, { ...request, headers });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Outcome>((resolve) => {
      timer = setTimeout(() => resolve({ kind: 'timeout' }), timeoutMs);
    });
    const first = await Promise.race([outcome, late]);
    clearTimeout(timer);
    if (first.kind === 'timeout') abandon();
    this.#measure();
    await this.#heard();
    this.#active.delete(request);
    return first;
  }

  /** Resolves once its code lets other things happen: not while it is in a loop. False when it ended before. */
  async isResponsive(): Promise<boolean> {
    if (this.hasEnded) return false;
    const id = this.#pings.size === 0 ? 1 : Math.max(...this.#pings.keys()) + 1;
    const answered = new Promise<true>((resolve) => {
      this.#pings.set(id, () => resolve(true));
    });
    this.#parts.worker.tell({ kind: 'ping', id });
    return Promise.race([answered, this.ended.then((): false => false)]);
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
    this.#flush();
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
    this.#strikes = bytes > limit ? this.#strikes + 1 : 0;
    if (this.hasEnded || (this.#strikes < PATIENCE && bytes <= 2 * limit)) return;
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

  /** What was printed before the answer was sent is in the pipes by now: it is read until nothing more comes. */
  async #heard(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
      const before = this.#heardBytes;
      await new Promise((resolve) => void setImmediate(resolve));
      if (this.#heardBytes !== before) quiet = -1;
    }
  }

  #hear(message: FromWorker): void {
    if (this.hasEnded) return;
    if (message.kind === 'listening') {
      this.#port = message.port;
      this.#settleStart(true);
    } else if (message.kind === 'failing') this.#parts.onFailing();
    else {
      this.#pings.get(message.id)?.();
      this.#pings.delete(message.id);
    }
  }

  /** Output comes in pieces, and is logged in lines. */
  #output(stream: 'stdout' | 'stderr', text: string): void {
    this.#heardBytes += text.length;
    if (this.hasEnded) return;
    const lines = (this.#rests[stream] + text).split('\n');
    this.#rests[stream] = lines.pop() ?? '';
    for (const line of lines) this.#print(stream, line);
  }

  #flush(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      this.#print(stream, this.#rests[stream]);
      this.#rests[stream] = '';
    }
  }

  #print(stream: 'stdout' | 'stderr', line: string): void {
    const text = line.replace(/\r$/, '');
    if (text.trim() !== '') this.#parts.line(stream, text, this.#speaker);
  }

  #exited(code: number | null, signal: string | null): void {
    if (this.hasEnded) return;
    this.#flush();
    const how = signal === null ? `exit status: ${code ?? 0}` : `signal: ${signal}`;
    this.say(
      `Node.js process exited with ${how}. The logs above can help with debugging the issue.`,
    );
    this.kill();
  }
}
