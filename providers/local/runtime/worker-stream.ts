/** Bytes that may be on their way without the reader having taken them. */
const STREAM_WINDOW_BYTES = 262_144;
const PIECE_BYTES = 65_536;

/** Sends a response body piece by piece, never more than a window ahead of its reader. */
export class StreamSender {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #send: (bytes: Uint8Array) => void;
  #credit = STREAM_WINDOW_BYTES;
  #stopped = false;
  #wake: (() => void) | undefined;

  constructor(stream: ReadableStream<Uint8Array>, send: (bytes: Uint8Array) => void) {
    this.#reader = stream.getReader();
    this.#send = send;
  }

  /** Resolves when all was sent, or the sending was stopped; rejects with what the stream failed with. */
  async run(): Promise<void> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done || this.#stopped) return;
      if (!(value instanceof Uint8Array)) {
        const error = new TypeError('A response body must be made of bytes (Uint8Array).');
        this.#reader.cancel(error).catch(() => {});
        throw error;
      }
      for (let from = 0; from < value.byteLength; from += PIECE_BYTES) {
        while (this.#credit <= 0) await this.#moreCredit();
        if (this.#stopped) return;
        // A copy of its own: cloning a view would send the whole buffer behind it.
        const piece = value.slice(from, from + PIECE_BYTES);
        this.#credit -= piece.byteLength;
        this.#send(piece);
      }
    }
  }

  grant(bytes: number): void {
    this.#credit += bytes;
    this.#wake?.();
  }

  /** The reader has gone: so may the source. */
  stop(): void {
    this.#stopped = true;
    this.#credit = Number.POSITIVE_INFINITY;
    this.#wake?.();
    this.#reader.cancel(new DOMException('The reader cancelled.', 'AbortError')).catch(() => {});
  }

  #moreCredit(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
