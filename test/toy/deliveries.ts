/** The queues and topics of the toy cloud, and their way to the functions. */
import { randomUUID } from 'node:crypto';
import type { QueueMessage, ShimCall } from 'polyfaas/function';
import type { Clock, JsonValue, RetryPolicy, TraceContext } from 'polyfaas/spi';
import type { ToyCloud, ToyFunction } from './cloud.ts';

interface Waiting extends QueueMessage {
  readonly trace: TraceContext | undefined;
  attempt: number;
  dueAt: number;
  busy: boolean;
}

/** Where deliveries to one function come from. */
interface Source {
  readonly queue: string;
  readonly kind: 'queue' | 'topic' | 'invoke';
  readonly name: string;
  readonly batchSize: number;
  readonly retry: RetryPolicy;
  readonly deadLetter: string | undefined;
}

export class Deliveries {
  readonly #cloud: ToyCloud;
  readonly #clock: Clock;
  readonly #queues = new Map<string, Waiting[]>();
  readonly #running = new Set<Promise<void>>();

  constructor(cloud: ToyCloud, clock: Clock) {
    this.#cloud = cloud;
    this.#clock = clock;
  }

  send(
    queue: string,
    data: JsonValue,
    attributes: Readonly<Record<string, string>> = {},
    id: string = randomUUID(),
    trace?: TraceContext,
  ): void {
    const now = this.#clock.now();
    const time = new Date(now).toISOString();
    const message = { id, data, attributes, time, trace, attempt: 1, dueAt: now, busy: false };
    this.#queues.set(queue, [...(this.#queues.get(queue) ?? []), message]);
    queueMicrotask(() => this.pump());
  }

  /** A copy for every subscription. */
  fanOut(
    topic: string,
    message: Omit<QueueMessage, 'id' | 'time' | 'attempt'>,
    subject = '',
  ): void {
    const attributes = { ...message.attributes, ':subject': subject };
    for (const [name, { state }] of this.#cloud.functions) {
      for (const { id, event } of state.bindings) {
        if (event.type === 'topic' && event.topic === topic && event.enabled) {
          this.send(`topic/${name}/${id}`, message.data, attributes);
        }
      }
    }
  }

  waiting(queue: string): readonly QueueMessage[] {
    return this.#queues.get(`queue/${queue}`) ?? [];
  }

  async settle(): Promise<void> {
    this.pump();
    while (this.#running.size > 0) {
      await Promise.all(this.#running);
      this.pump();
    }
  }

  pump(): void {
    for (const [name, found] of this.#cloud.functions) {
      if (found.state.live === null) continue;
      for (const source of sourcesOf(name, found)) {
        const due = (this.#queues.get(source.queue) ?? []).filter(
          ({ busy, dueAt }) => !busy && dueAt <= this.#clock.now(),
        );
        for (let from = 0; from < due.length; from += source.batchSize) {
          const running = this.#deliver(name, source, due.slice(from, from + source.batchSize));
          this.#running.add(running);
          void running.finally(() => this.#running.delete(running));
        }
      }
    }
  }

  async #deliver(name: string, source: Source, batch: readonly Waiting[]): Promise<void> {
    for (const message of batch) message.busy = true;
    const [first] = batch;
    if (!first) return;
    const requestId = source.kind === 'invoke' ? first.id : randomUUID();
    let again: readonly unknown[] = [];
    let reason = 'the handler asked for it again';
    try {
      const call = callOf(source, batch, first);
      const { output } = await this.#cloud.run(name, undefined, call, {
        requestId,
        attempt: first.attempt,
        trace: first.trace,
      });
      again = retryOf(output);
    } catch (error) {
      again = batch.map(({ id }) => id);
      reason = String(error);
    }
    for (const message of batch) {
      message.busy = false;
      if (!again.includes(message.id)) this.#forget(source.queue, message);
      else this.#again(source, message, reason);
    }
  }

  #again(source: Source, message: Waiting, reason: string): void {
    const { maxAttempts, backoff, delaySeconds, maxDelaySeconds } = source.retry;
    if (message.attempt >= maxAttempts) {
      this.#forget(source.queue, message);
      if (source.deadLetter !== undefined) {
        this.send(`queue/${source.deadLetter}`, message.data, { reason });
      }
      return;
    }
    const growth = { exponential: 2 ** (message.attempt - 1), linear: message.attempt, fixed: 1 };
    const delayMs = Math.min(maxDelaySeconds, delaySeconds * growth[backoff]) * 1000;
    message.attempt += 1;
    message.dueAt = this.#clock.now() + delayMs;
    this.#clock.after(delayMs, () => this.pump());
  }

  #forget(queue: string, message: Waiting): void {
    this.#queues.set(
      queue,
      (this.#queues.get(queue) ?? []).filter((one) => one !== message),
    );
  }
}

function sourcesOf(name: string, found: ToyFunction): readonly Source[] {
  const sources: Source[] = [];
  for (const { id, event } of found.state.bindings) {
    if (!event.enabled) continue;
    if (event.type === 'queue') {
      sources.push({
        ...event,
        kind: 'queue',
        queue: `queue/${event.queue}`,
        name: event.queue,
        deadLetter: event.deadLetter,
      });
    } else if (event.type === 'topic') {
      sources.push({
        ...event,
        kind: 'topic',
        queue: `topic/${name}/${id}`,
        name: event.topic,
        batchSize: 1,
        deadLetter: event.deadLetter,
      });
    }
  }
  if (found.state.async) {
    sources.push({
      kind: 'invoke',
      queue: `async/${name}`,
      name,
      batchSize: 1,
      retry: found.state.async.retry,
      deadLetter: undefined,
    });
  }
  return sources;
}

function callOf(source: Source, batch: readonly Waiting[], first: Waiting): ShimCall {
  if (source.kind === 'invoke') return { kind: 'invoke', event: first.data };
  if (source.kind === 'topic') {
    const { ':subject': subject = '', ...attributes } = first.attributes;
    const { id, time, data } = first;
    const event = { id, source: source.name, time, data, attributes };
    return { kind: 'topic', event: subject === '' ? event : { ...event, subject } };
  }
  const messages = batch.map(({ id, data, attributes, time, attempt }) => ({
    id,
    data,
    attributes,
    time,
    attempt,
  }));
  return { kind: 'queue', event: { source: source.name, messages } };
}

function retryOf(output: JsonValue): readonly unknown[] {
  if (typeof output !== 'object' || output === null || !('retry' in output)) return [];
  return Array.isArray(output.retry) ? output.retry : [];
}
