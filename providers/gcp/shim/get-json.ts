import type { IncomingMessage } from 'node:http';

export interface JsonAnswer {
  readonly status: number;
  /** Undefined where the body is no JSON. */
  readonly value: unknown;
}

/**
 * Asks a service of Google's. Every instance does so before its first answer, so it is done by Node's own client: to
 * load `fetch` takes longer than both requests. Each has a connection of its own, for an instance that stood still would
 * take up one that is long gone.
 *
 * @throws Error when there is no answer in time, or none at all
 */
export function getJson(
  address: string,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<JsonAnswer> {
  return new Promise((resolve, reject) => {
    const url = new URL(address);
    const { get } = process.getBuiltinModule(url.protocol === 'http:' ? 'node:http' : 'node:https');
    const request = get(url, { agent: false, headers });
    const timer = setTimeout(() => {
      request.destroy(new Error(`${url.host} did not answer within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    request.on('error', fail);
    request.on('response', (response) => {
      textOf(response).then((text) => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, value: parsed(text) });
      }, fail);
    });
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
