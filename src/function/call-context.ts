/** The context of one call: cheap to make, because most handlers read little of it. */
import type { FunctionContext, FunctionLog, HttpContext, TraceContext } from './context.ts';
import { CallLog } from './call-log.ts';
import type { JsonObject, JsonValue } from './json.types.ts';
import type { CallMeta, HttpMeta, LogSink, NativeCall, RuntimeIdentity } from './shim.ts';

/** What all calls of one instance share. */
export interface Instance {
  readonly identity: RuntimeIdentity;
  readonly instanceId: string;
  readonly sink: LogSink;
}

/** `context.signal` aborts so long before the deadline, or a tenth of what is left when that is less. */
const ABORT_BEFORE_DEADLINE_MS = 500;

/** Timers take no more. */
const MAX_TIMER_MS = 2_147_483_647;

/** What a handler receives as its second argument. */
export class CallContext implements FunctionContext {
  readonly #instance: Instance;
  readonly #meta: CallMeta;
  readonly #caller: AbortSignal | undefined;
  readonly coldStart: boolean;
  #log: FunctionLog | undefined;
  #controller: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #cancel: (() => void) | undefined;
  #ended = false;

  constructor(instance: Instance, meta: CallMeta, coldStart: boolean, caller?: AbortSignal) {
    this.#instance = instance;
    this.#meta = meta;
    this.coldStart = coldStart;
    this.#caller = caller;
  }

  get app(): string {
    return this.#instance.identity.app;
  }

  get stage(): string {
    return this.#instance.identity.stage;
  }

  get functionName(): string {
    return this.#instance.identity.functionName;
  }

  get version(): string {
    return this.#instance.identity.version;
  }

  get requestId(): string {
    return this.#meta.requestId;
  }

  get attempt(): number {
    return this.#meta.attempt;
  }

  get deadline(): number {
    return this.#meta.deadline;
  }

  get memoryMb(): number {
    return this.#instance.identity.memoryMb;
  }

  get instanceId(): string {
    return this.#instance.instanceId;
  }

  get trace(): TraceContext | undefined {
    return this.#meta.trace;
  }

  get provider(): string {
    return this.#instance.identity.provider;
  }

  get region(): string {
    return this.#instance.identity.region;
  }

  get log(): FunctionLog {
    this.#log ??= new CallLog(this.#instance.sink, this.#meta);
    return this.#log;
  }

  /** Made, with its timer, when it is first asked for. */
  get signal(): AbortSignal {
    this.#controller ??= this.#watch(new AbortController());
    return this.#controller.signal;
  }

  /** For the signature `aws-lambda` where the platform is AWS itself. */
  get native(): NativeCall | undefined {
    return this.#meta.native;
  }

  /** True when the handler asked for its signal. */
  get watched(): boolean {
    return this.#controller !== undefined;
  }

  /** The call is over: nothing may abort any more. */
  end(): void {
    this.#ended = true;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    if (this.#cancel !== undefined) this.#caller?.removeEventListener('abort', this.#cancel);
  }

  /** What is worth printing; the getters do not show by themselves. */
  toJSON(): JsonObject {
    const { app, stage, functionName, version, requestId, attempt, deadline } = this;
    const { coldStart, instanceId, provider, region, memoryMb } = this;
    const place = { app, stage, functionName, version, provider, region, memoryMb };
    return { ...place, requestId, attempt, deadline, coldStart, instanceId };
  }

  #watch(controller: AbortController): AbortController {
    if (this.#ended) return controller;
    if (this.#caller?.aborted === true) {
      controller.abort(this.#caller.reason);
      return controller;
    }
    if (this.#caller !== undefined) {
      this.#cancel = (): void => controller.abort(this.#caller?.reason);
      this.#caller.addEventListener('abort', this.#cancel, { once: true });
    }
    const leftMs = this.#meta.deadline - Date.now();
    const delayMs = Math.max(0, leftMs - Math.min(ABORT_BEFORE_DEADLINE_MS, leftMs / 10));
    if (delayMs > MAX_TIMER_MS || Number.isNaN(delayMs)) return controller;
    const timer = setTimeout(() => {
      controller.abort(new DOMException('the deadline of the call is near', 'TimeoutError'));
    }, delayMs);
    // The timer alone should not keep a process alive. Outside Node a timer is a number.
    if (typeof timer === 'object' && 'unref' in timer) timer.unref();
    this.#timer = timer;
    return controller;
  }
}

/** What an HTTP handler receives as its second argument. */
export class HttpCallContext extends CallContext implements HttpContext {
  readonly #http: HttpMeta;

  constructor(
    instance: Instance,
    meta: CallMeta,
    coldStart: boolean,
    caller: AbortSignal | undefined,
    http: HttpMeta,
  ) {
    super(instance, meta, coldStart, caller);
    this.#http = http;
  }

  get route(): string {
    return this.#http.route;
  }

  get params(): Readonly<Record<string, string>> {
    return this.#http.params;
  }

  get claims(): Readonly<Record<string, JsonValue>> | undefined {
    return this.#http.claims;
  }

  get clientAddress(): string | undefined {
    return this.#http.clientAddress;
  }
}
