/** Takes requests of Node's server in, and sends what they are answered with. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorAnswer, type ServerAnswer } from './answer.ts';
import { bytesOf, headersOf, targetOf, type IncomingRequest } from './request.ts';

export interface ServeParts {
  /** Larger bodies are answered with 413. */
  readonly mostBytes: number;
  readonly answer: (incoming: IncomingRequest) => Promise<ServerAnswer>;
  /** What a request gets whose answer failed. Called for those alone that came in whole. */
  readonly failed: (thrown: unknown) => ServerAnswer;
}

/** Answers one request. Never rejects. */
export async function serveRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { mostBytes, answer, failed }: ServeParts,
): Promise<void> {
  const isHead = request.method === 'HEAD';
  // A client that goes away is nobody's failure.
  response.on('error', () => {});
  try {
    const target = targetOf(request);
    const body = await bytesOf(request, mostBytes);
    if (target === undefined) {
      return sendAnswer(response, errorAnswer(400, 'There is no such path.'), isHead);
    }
    if (body === undefined) {
      response.setHeader('connection', 'close');
      const tooLarge = errorAnswer(413, 'The body is larger than a request may be.');
      return sendAnswer(response, tooLarge, isHead);
    }
    const incoming = { request, ...target, headers: headersOf(request), body };
    sendAnswer(response, await answer(incoming), isHead);
  } catch (thrown) {
    if (!request.complete) return void response.destroy();
    const reply = failed(thrown);
    if (response.headersSent) return void response.destroy();
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    sendAnswer(response, reply, isHead);
  }
}

/** Sends an answer. Headers that are there more than once stay so. */
export function sendAnswer(
  response: ServerResponse,
  { status, headers, body }: ServerAnswer,
  isHead: boolean,
): void {
  response.statusCode = status;
  const grouped = new Map<string, string[]>();
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const values = grouped.get(name.toLowerCase());
    if (values) values.push(headers[index + 1] ?? '');
    else grouped.set(name.toLowerCase(), [headers[index + 1] ?? '']);
  }
  for (const [name, values] of grouped) {
    response.setHeader(name, values.length === 1 ? (values[0] ?? '') : values);
  }
  if (body !== null && !isHead && !grouped.has('content-length')) {
    response.setHeader('content-length', Buffer.byteLength(body));
  }
  response.end(body === null || isHead ? undefined : body);
}
