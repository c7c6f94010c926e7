import type { CallFigures } from '../streamed-reply.ts';

/** What a response stream tells the instance that feeds it. */
interface StreamFeed {
  /** The reader took so many bytes. */
  credit(bytes: number): void;
  /** The reader does not want the rest. */
  stop(): void;
}

/** The reader's end of a streamed response: asks for more only as it is read. */
export class ResponseStream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly #whole = Promise.withResolvers<CallFigures>();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #untakenBytes = 0;

  /** @param atHead what the call has come to when its answer begins. */
  constructor(feed: StreamFeed, atHead: CallFigures) {
    // Who only reads hears of a failure by the stream.
    this.#whole.promise.catch(() => {});
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        // Called when the queue is empty and somebody reads: all that came was taken.
        pull: () => {
          if (this.#untakenBytes === 0) return;
          feed.credit(this.#untakenBytes);
          this.#untakenBytes = 0;
        },
        cancel: () => {
          this.#controller = undefined;
          // Whoever wanted the head alone has all that was asked for.
          this.#whole.resolve(atHead);
          feed.stop();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** As `whole` of a streamed reply. */
  get whole(): Promise<CallFigures> {
    return this.#whole.promise;
  }

  push(bytes: Uint8Array): void {
    this.#untakenBytes += bytes.byteLength;
    this.#controller?.enqueue(bytes);
  }

  /** @param figures of the whole call. */
  end(figures: CallFigures): void {
    this.#controller?.close();
    this.#controller = undefined;
    this.#whole.resolve(figures);
  }

  fail(error: Error): void {
    this.#controller?.error(error);
    this.#controller = undefined;
    this.#whole.reject(error);
  }
}
