/** Gets a JSON Web Key Set. By node:http itself, so that no pooled socket outlives the gateway. */
import type { HttpClock } from '../clock.ts';

const MAX_BYTES = 1_048_576;
const TIMEOUT_MS = 5_000;

/** Resolves to the parsed body. Rejects with an `Error` that says why not; redirects are not followed. */
export function fetchKeySet(uri: string, clock: HttpClock): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const url = URL.parse(uri);
    if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
      reject(new Error('it is not an http or https address'));
      return;
    }
    // Not imported: to import `node:http` into a module loads all of `fetch`, at the start of every instance.
    const { get } = process.getBuiltinModule(
      url.protocol === 'https:' ? 'node:https' : 'node:http',
    );
    const request = get(url, { agent: false, headers: { accept: 'application/json' } });
    const cancelTimer = clock.after(TIMEOUT_MS, () => {
      request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`));
    });
    const fail = (error: Error): void => {
      cancelTimer();
      reject(error);
    };
    request.on('error', fail);
    request.on('response', (response) => {
      if (response.statusCode !== 200) {
        request.destroy(new Error(`it answered with status ${response.statusCode}`));
        return;
      }
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BYTES) request.destroy(new Error(`it is larger than ${MAX_BYTES} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('end', () => {
        cancelTimer();
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        } catch {
          reject(new Error('it is not JSON'));
        }
      });
    });
  });
}
