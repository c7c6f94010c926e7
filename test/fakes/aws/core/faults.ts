/** Lets calls of the deployer go wrong on the wire, and counts them. */
import type { ContractFaults, FaultKind } from 'polyfaas/contract';
import { Interruptions, type Interruption } from '../../shared/wire/interruption.ts';
import type { Exchange, ExchangeOutcome } from './server.ts';
import type { WireReply } from './service.ts';
import { plainFault } from './wire-forms.ts';

/** Told of every call of the deployer that reached its service, once it is answered. */
export type Recorder = (
  service: string,
  operation: string,
  request: Exchange['request'],
  reply: WireReply,
) => void;

const READS =
  /^(?:Get|List|Describe|Head|Filter|StartQuery|StopQuery|Invoke|AssumeRole|BatchGet|Query$|Scan$|TestEventPattern)/;

/** Whether an operation changes something; one without a name is judged by its method. */
export function isWrite(operation: string): boolean {
  const [method, path] = operation.split(' ');
  if (path === undefined) return !READS.test(operation);
  return method !== 'GET' && method !== 'HEAD' && !path.includes('/invocations');
}

/** So many calls of an operation are answered in a second, and as many at once. */
export interface RateLimit {
  /** `ListTagsOfResource` */
  readonly operation: string;
  readonly perSecond: number;
}

interface TokenBucket extends RateLimit {
  tokens: number;
  at: number;
}

export class WireFaults implements ContractFaults {
  /** How many calls that succeeded were of an operation that changes something. */
  writes = 0;
  readonly #recorder: Recorder | undefined;
  readonly #interruptions = new Interruptions();
  #calls = 0;
  #armed: { readonly at: number; readonly kind: FaultKind } | undefined;
  #isCrashed = false;
  #limit: TokenBucket | undefined;
  readonly #now: () => number;

  /** @param now simulated time, in ms */
  constructor(now: () => number, recorder?: Recorder) {
    this.#now = now;
    this.#recorder = recorder;
  }

  async pass(exchange: Exchange): Promise<ExchangeOutcome> {
    if (this.#isCrashed) return 'destroy';
    const { service } = exchange.request;
    const fault = this.#calls === this.#armed?.at ? this.#armed.kind : undefined;
    const call = this.#calls;
    this.#calls += 1;
    await this.#interruptions.before(call);
    if (fault) this.#armed = undefined;
    if (fault === 'crash') this.#isCrashed = true;
    if (fault === 'crash' || fault === 'reset') return 'destroy';
    if (fault === 'hang') return 'hang';
    if (fault === '429') return plainFault(service, 'throttled');
    if (fault === '500') return plainFault(service, 'failed');
    if (this.#isOverLimit(exchange.operation)) return plainFault(service, 'throttled');
    const reply = await exchange.act();
    if (reply.status < 400 && isWrite(exchange.operation)) this.writes += 1;
    this.#recorder?.(service, exchange.operation, exchange.request, reply);
    // A process that died meanwhile gets no answer, either.
    return fault === 'lost-reply' || this.#hasCrashed() ? 'destroy' : reply;
  }

  async count(work: () => Promise<unknown>): Promise<number> {
    const before = this.#calls;
    await work();
    return this.#calls - before;
  }

  arm({ call, kind }: { readonly call: number; readonly kind: FaultKind }): void {
    this.#armed = { at: this.#calls + call, kind };
  }

  interrupt(meanwhile: Interruption): void {
    this.#interruptions.set(meanwhile, this.#calls);
  }

  /** Until `disarm`, calls of one operation that are too many are throttled. */
  limit(limit: RateLimit): void {
    this.#limit = { ...limit, tokens: limit.perSecond, at: this.#now() };
  }

  disarm(): void {
    this.#armed = undefined;
    this.#limit = undefined;
    this.#interruptions.clear();
    this.#isCrashed = false;
  }

  #isOverLimit(operation: string): boolean {
    const limit = this.#limit;
    if (limit?.operation !== operation) return false;
    const now = this.#now();
    const gained = ((now - limit.at) / 1000) * limit.perSecond;
    limit.tokens = Math.min(limit.perSecond, limit.tokens + gained);
    limit.at = now;
    if (limit.tokens < 1) return true;
    limit.tokens -= 1;
    return false;
  }

  #hasCrashed(): boolean {
    return this.#isCrashed;
  }
}
