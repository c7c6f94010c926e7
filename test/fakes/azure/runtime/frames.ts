/** Messages between the host and its workers: a length of four bytes, and then what V8 makes of the message. */
import { deserialize, serialize } from 'node:v8';

const HEAD_BYTES = 4;

export function frameOf(message: unknown): Buffer {
  const body = serialize(message);
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeUInt32LE(body.length);
  return Buffer.concat([head, body]);
}

/** Takes a stream apart into messages. */
export class FrameReader {
  readonly #onMessage: (message: unknown) => void;
  #parts: Buffer[] = [];
  #size = 0;
  #needed = HEAD_BYTES;

  constructor(onMessage: (message: unknown) => void) {
    this.#onMessage = onMessage;
  }

  push(chunk: Buffer): void {
    this.#parts.push(chunk);
    this.#size += chunk.length;
    while (this.#size >= this.#needed) {
      const bytes = Buffer.concat(this.#parts);
      this.#parts = [bytes];
      const end = bytes.readUInt32LE() + HEAD_BYTES;
      this.#needed = end;
      if (this.#size < end) return;
      this.#parts = [bytes.subarray(end)];
      this.#size -= end;
      this.#needed = HEAD_BYTES;
      this.#onMessage(deserialize(bytes.subarray(HEAD_BYTES, end)));
    }
  }
}
