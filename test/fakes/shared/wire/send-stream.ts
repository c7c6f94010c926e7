/** Sends an answer that stays open. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** The head is sent already. Resolves when the pieces have ended, or the client has gone away. */
export async function sendStream(
  response: ServerResponse,
  stream: AsyncIterable<string>,
): Promise<void> {
  response.flushHeaders();
  const pieces = stream[Symbol.asyncIterator]();
  const gone = response.destroyed
    ? Promise.resolve(undefined)
    : once(response, 'close').then(() => undefined);
  try {
    for (;;) {
      const next = await Promise.race([pieces.next(), gone]);
      if (!next || next.done === true) break;
      response.write(next.value);
    }
  } catch {
    // Whoever reads sees that it broke off.
    response.destroy();
  }
  // One that waits for its next piece may never come to its end: nobody waits for that.
  void pieces.return?.();
  response.end();
}
