/** One queue: what is in it, who may see it now, and what is given up. */
import { randomUUID } from 'node:crypto';
import type { FakeClock } from '../core/ports.ts';
import { allowsSource, defaultAttributes, readRedrive } from './attributes.ts';
import { invalidHandle, invalidValue, messageNotInflight } from './faults.ts';
import type { MessageAttributes, StoredMessage } from './message.ts';

/** Of two messages with one deduplication id in this time, the second is not accepted. */
const DEDUPLICATION_MS = 5 * 60_000;
/** From its last delivery on, no message can be hidden for longer. */
const MAX_HIDDEN_MS = 43_200_000;

/** What a queue needs of the service around it. */
export interface QueueHost {
  readonly clock: FakeClock;
  /** Something may have become visible. */
  notify(arn: string): void;
  find(arn: string): Queue | undefined;
  sequenceNumber(): string;
}

/** A message on its way into a queue. */
export interface Letter {
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly senderId: string;
  readonly delayMs: number;
  readonly traceHeader?: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly isFifo: boolean;
  readonly createdAt: number;
  modifiedAt: number;
  purgedAt = Number.NEGATIVE_INFINITY;
  readonly attributes: Map<string, string>;
  readonly tags: Map<string, string>;
  readonly #host: QueueHost;
  #messages: StoredMessage[] = [];
  readonly #accepted = new Map<string, StoredMessage>();
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(host: QueueHost, name: string, arn: string, tags: Readonly<Record<string, string>>) {
    this.#host = host;
    this.name = name;
    this.arn = arn;
    this.isFifo = name.endsWith('.fifo');
    this.createdAt = host.clock.now();
    this.modifiedAt = this.createdAt;
    this.attributes = defaultAttributes(this.isFifo);
    this.tags = new Map(Object.entries(tags));
  }

  /** A setting that is a number. */
  setting(name: string): number {
    return Number(this.attributes.get(name) ?? '0');
  }

  allowsSource(arn: string): boolean {
    return allowsSource(this.attributes.get('RedriveAllowPolicy'), arn);
  }

  send(letter: Letter): StoredMessage {
    const now = this.#host.clock.now();
    const twin = this.#twinOf(letter, now);
    if (twin) return twin;
    const message: StoredMessage = {
      id: randomUUID(),
      body: letter.body,
      attributes: letter.attributes,
      senderId: letter.senderId,
      ...(letter.traceHeader !== undefined && { traceHeader: letter.traceHeader }),
      ...(letter.groupId !== undefined && { groupId: letter.groupId }),
      ...(letter.deduplicationId !== undefined && { deduplicationId: letter.deduplicationId }),
      ...(this.isFifo && { sequenceNumber: this.#host.sequenceNumber() }),
      sentAt: now,
      agesFrom: now,
      isDelayed: letter.delayMs > 0,
      visibleAt: now + letter.delayMs,
      receiveCount: 0,
      receivedHere: 0,
    };
    if (letter.deduplicationId !== undefined) {
      this.#accepted.set(this.#deduplicationKey(letter), message);
    }
    this.#add(message);
    return message;
  }

  /** Takes a message that another queue gave up. It keeps its id, and in a standard queue its age. */
  adopt(message: StoredMessage, source: string): void {
    const now = this.#host.clock.now();
    const { receiptHandle: _handle, ...rest } = message;
    this.#add({
      ...rest,
      deadFrom: source,
      agesFrom: this.isFifo ? now : message.agesFrom,
      isDelayed: false,
      visibleAt: now,
      receivedHere: 0,
    });
  }

  /** Visible messages, each hidden from now on. What came too often is given up on the way. */
  receive(max: number, visibilityMs = this.setting('VisibilityTimeout') * 1000): StoredMessage[] {
    this.#dropExpired();
    const now = this.#host.clock.now();
    const received: StoredMessage[] = [];
    for (const message of this.#receivable(now)) {
      if (received.length >= max) break;
      if (this.#giveUp(message)) continue;
      message.isDelayed = false;
      message.receiveCount += 1;
      message.receivedHere += 1;
      message.firstReceivedAt ??= now;
      message.lastReceivedAt = now;
      message.visibleAt = now + visibilityMs;
      message.receiptHandle = Buffer.from(`${this.arn} ${message.id} ${randomUUID()}`).toString(
        'base64',
      );
      received.push(message);
    }
    // Copies, so that what a consumer holds does not change under its hands.
    const copies = received.map((message) => ({ ...message }));
    this.#reschedule();
    return copies;
  }

  /** An old handle is accepted and deletes nothing; that of a FIFO queue that has expired is refused. */
  delete(handle: string): void {
    const message = this.#byHandle(handle);
    if (!message) return;
    if (this.isFifo && message.visibleAt <= this.#host.clock.now()) {
      throw invalidValue('ReceiptHandle', handle, 'The receipt handle has expired.');
    }
    this.#messages = this.#messages.filter((each) => each !== message);
    this.#reschedule();
    // In a FIFO queue the next of the group may follow.
    if (this.isFifo) this.#host.notify(this.arn);
  }

  hideFor(handle: string, seconds: number): void {
    const now = this.#host.clock.now();
    const message = this.#byHandle(handle);
    if (!message) {
      throw invalidValue(
        'ReceiptHandle',
        handle,
        'Message does not exist or is not available for visibility timeout change.',
      );
    }
    if (message.visibleAt <= now) throw messageNotInflight();
    if (now - (message.lastReceivedAt ?? now) + seconds * 1000 > MAX_HIDDEN_MS) {
      throw invalidValue(
        'VisibilityTimeout',
        seconds,
        'Total VisibilityTimeout for the message is beyond the limit [43200 seconds]',
      );
    }
    message.visibleAt = now + seconds * 1000;
    this.#reschedule();
    if (seconds === 0) this.#host.notify(this.arn);
  }

  /** Whatever is in it, in order. */
  all(): readonly StoredMessage[] {
    this.#dropExpired();
    return this.#messages;
  }

  /** Takes out what a consumer could have now. */
  takeVisible(): readonly StoredMessage[] {
    this.#dropExpired();
    const now = this.#host.clock.now();
    const taken = this.#messages.filter((message) => message.visibleAt <= now);
    this.#messages = this.#messages.filter((message) => !taken.includes(message));
    this.#reschedule();
    return taken;
  }

  putBack(message: StoredMessage): void {
    this.#add(message);
  }

  clear(): void {
    this.#messages = [];
    this.#accepted.clear();
    this.#reschedule();
  }

  /** How many a consumer could have now. */
  visibleCount(): number {
    this.#dropExpired();
    return [...this.#receivable(this.#host.clock.now())].length;
  }

  counts(): { readonly visible: number; readonly hidden: number; readonly delayed: number } {
    this.#dropExpired();
    const now = this.#host.clock.now();
    const later = this.#messages.filter((message) => message.visibleAt > now);
    const delayed = later.filter((message) => message.isDelayed).length;
    return {
      visible: this.#messages.length - later.length,
      hidden: later.length - delayed,
      delayed,
    };
  }

  nextVisibleAt(): number | undefined {
    const now = this.#host.clock.now();
    const times = this.#messages
      .map((message) => message.visibleAt)
      .filter((visibleAt) => visibleAt > now);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** The queue is gone: nothing more happens in it. */
  close(): void {
    this.#messages = [];
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #add(message: StoredMessage): void {
    this.#messages.push(message);
    this.#reschedule();
    if (message.visibleAt <= this.#host.clock.now()) this.#host.notify(this.arn);
  }

  #deduplicationKey(letter: Letter): string {
    const isPerGroup = this.attributes.get('DeduplicationScope') === 'messageGroup';
    return `${isPerGroup ? (letter.groupId ?? '') : ''} ${letter.deduplicationId ?? ''}`;
  }

  #twinOf(letter: Letter, now: number): StoredMessage | undefined {
    if (letter.deduplicationId === undefined) return undefined;
    const key = this.#deduplicationKey(letter);
    const twin = this.#accepted.get(key);
    if (twin && now - twin.sentAt < DEDUPLICATION_MS) return twin;
    this.#accepted.delete(key);
    return undefined;
  }

  /** In order. In a FIFO queue a group waits while one of it is out, and for those before it. */
  *#receivable(now: number): Generator<StoredMessage> {
    if (!this.isFifo) {
      yield* this.#messages.filter((message) => message.visibleAt <= now);
      return;
    }
    const blocked = new Set(
      this.#messages
        .filter((message) => message.visibleAt > now && !message.isDelayed)
        .map((message) => message.groupId),
    );
    for (const message of this.#messages) {
      if (message.visibleAt > now) blocked.add(message.groupId);
      else if (!blocked.has(message.groupId)) yield message;
    }
  }

  #giveUp(message: StoredMessage): boolean {
    const redrive = readRedrive(this.attributes.get('RedrivePolicy'));
    if (!redrive || message.receivedHere < redrive.maxReceiveCount) return false;
    const target = this.#host.find(redrive.target);
    if (!target?.allowsSource(this.arn)) return false;
    this.#messages = this.#messages.filter((each) => each !== message);
    target.adopt(message, this.arn);
    return true;
  }

  #byHandle(handle: string): StoredMessage | undefined {
    const [arn, id] = Buffer.from(handle, 'base64').toString('utf8').split(' ');
    if (arn !== this.arn || id === undefined) throw invalidHandle(handle);
    return this.#messages.find((message) => message.receiptHandle === handle);
  }

  #dropExpired(): void {
    const oldest = this.#host.clock.now() - this.setting('MessageRetentionPeriod') * 1000;
    if (this.#messages.some((message) => message.agesFrom <= oldest)) {
      this.#messages = this.#messages.filter((message) => message.agesFrom > oldest);
    }
  }

  /** One timer, for the next message that becomes visible. */
  #reschedule(): void {
    const at = this.nextVisibleAt();
    if (at === this.#timer?.at) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (at === undefined) return;
    const cancel = this.#host.clock.after(at - this.#host.clock.now(), () => {
      this.#timer = undefined;
      this.#reschedule();
      this.#host.notify(this.arn);
    });
    this.#timer = { at, cancel };
  }
}
