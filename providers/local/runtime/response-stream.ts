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
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #untakenBytes = 0;

  constructor(feed: StreamFeed) {
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
          feed.stop();
        },
      },
      { highWaterMark: 0 },
    );
  }

  push(bytes: Uint8Array): void {
    this.#untakenBytes += bytes.byteLength;
    this.#controller?.enqueue(bytes);
  }

  end(): void {
    this.#controller?.close();
    this.#controller = undefined;
  }

  fail(error: Error): void {
    this.#controller?.error(error);
    this.#controller = undefined;
  }
}
