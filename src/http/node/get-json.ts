import type { IncomingMessage } from 'node:http';
import type { HttpClock } from '../clock.ts';

const MAX_BYTES = 1_048_576;

/** What a service answered. */
export interface JsonAnswer {
  readonly status: number;
  /** Undefined where the body is no JSON. */
  readonly value: unknown;
}

/** How to ask. */
export interface JsonRequest {
  /** Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly clock: HttpClock;
}

/**
 * Gets JSON of at most a megabyte. By Node's own client: to load `fetch` takes longer than most such requests. Each has a
 * connection of its own, for an instance that stood still would take up one that is long gone. Redirects are not followed.
 *
 * @throws Error that says why there is no answer
 */
export function getJson(url: URL, { headers, timeoutMs, clock }: JsonRequest): Promise<JsonAnswer> {
  return new Promise((resolve, reject) => {
    // Not imported: to import `node:http` into a module loads all of `fetch`, at the start of every instance.
    const { get } = process.getBuiltinModule(
      url.protocol === 'https:' ? 'node:https' : 'node:http',
    );
    const accept = { accept: 'application/json', ...headers };
    const request = get(url, { agent: false, headers: accept });
    const cancelTimer = clock.after(timeoutMs, () => {
      // First, for in the middle of an answer the end of the request would be told in other words.
      reject(new Error(`no answer within ${timeoutMs / 1000} s`));
      request.destroy();
    });
    const fail = (error: Error): void => {
      cancelTimer();
      reject(error);
    };
    request.on('error', fail);
    request.on('response', (response) => {
      textOf(response).then((text) => {
        cancelTimer();
        resolve({ status: response.statusCode ?? 0, value: parsed(text) });
      }, fail);
    });
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    if (!(chunk instanceof Uint8Array)) continue;
    bytes += chunk.byteLength;
    // To throw ends the request, too.
    if (bytes > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
