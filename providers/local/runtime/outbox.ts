import { Operation } from './protocol.ts';

/**
 * Gathers the messages of one turn of the event loop into one: a message that carries sixty-four calls costs little
 * more than a message that carries one.
 */
export class Outbox<Message> {
  readonly #post: (
    message: Message | readonly [typeof Operation.batch, readonly Message[]],
  ) => void;
  readonly #unsendable: (message: Message, error: unknown) => void;
  #waiting: Message[] = [];
  #scheduled = false;

  /** @param unsendable is told of a message that `post` refused, such as one that cannot be cloned. */
  constructor(
    post: (message: Message | readonly [typeof Operation.batch, readonly Message[]]) => void,
    unsendable: (message: Message, error: unknown) => void,
  ) {
    this.#post = post;
    this.#unsendable = unsendable;
  }

  /** Sends now, behind what already waits. */
  send(message: Message): void {
    if (this.#waiting.length > 0) {
      this.#waiting.push(message);
      this.flush();
      return;
    }
    this.#sendOne(message);
  }

  /** Sends with the rest of this turn. */
  gather(message: Message): void {
    this.#waiting.push(message);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // After the microtasks, not among them: a promise chain of any length still makes it into the batch.
    process.nextTick(this.#onTick);
  }

  flush(): void {
    const messages = this.#waiting;
    if (messages.length === 0) return;
    this.#waiting = [];
    const [only] = messages;
    if (messages.length === 1 && only !== undefined) {
      this.#sendOne(only);
      return;
    }
    try {
      this.#post([Operation.batch, messages]);
    } catch {
      for (const message of messages) this.#sendOne(message);
    }
  }

  readonly #onTick = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  #sendOne(message: Message): void {
    try {
      this.#post(message);
    } catch (error) {
      this.#unsendable(message, error);
    }
  }
}
