import type { ServerResponse } from 'node:http';
import { bytesOf, hasBody } from './body.ts';
import { sendStream } from './send-stream.ts';

/** An answer as it goes out: headers as name, value, name, value. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** Instead of the body: the head is sent at once, then each piece as it comes. */
  readonly stream?: AsyncIterable<string>;
}

/** An answer as the parts of a fake give it. */
interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | object;
  readonly stream?: AsyncIterable<string>;
}

/** @param jsonType the content type of objects, unless the headers have one */
export function answerOf({ status, headers, body, stream }: Reply, jsonType: string): Answer {
  const { bytes, isJson } = bytesOf(body);
  const all = { ...(isJson && { 'content-type': jsonType }), ...headers };
  return { status, headers: Object.entries(all).flat(), body: bytes, ...(stream && { stream }) };
}

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length']);

export async function sendAnswer(
  response: ServerResponse,
  { status, headers, body, stream }: Answer,
  isHead: boolean,
): Promise<void> {
  if (response.destroyed) return;
  const kept: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    if (!HOP_BY_HOP.has(name.toLowerCase())) kept.push(name, headers[index + 1] ?? '');
  }
  if (stream) {
    response.writeHead(status, kept);
    return sendStream(response, stream);
  }
  const isSent = hasBody(status, isHead);
  if (isSent) kept.push('content-length', String(body.length));
  response.writeHead(status, kept);
  response.end(isSent ? body : undefined);
}
