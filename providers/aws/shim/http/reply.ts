/** A response as payload format 2.0 wants it. */
import { isUtf8 } from 'node:buffer';
import { nativeAnswerOf, readResponse, type ResponseParts } from 'polyfaas/function';
import { fieldsOf, isFields } from '../json.ts';
import type { HeaderMap } from './cors.ts';

export interface GatewayReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** Lambda quotas: an answer has at most 6 MB, the JSON around the body counted. */
const MAX_BODY_CHARACTERS = 6_291_556 - 32_768;

const TEXTUAL = /^(text\/|application\/([\w.-]+\+)?(json|xml|javascript|x-www-form-urlencoded)\b)/i;

/** The gateway writes these itself. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
]);

/**
 * @throws Error when the response is larger than Lambda returns.
 * @throws HandlerContractError when its body cannot be read.
 */
export async function gatewayReply(
  response: Response,
  method: string,
  cors: HeaderMap,
): Promise<unknown> {
  const native = nativeAnswerOf(response);
  if (native !== undefined && !(native.answer instanceof Response)) {
    return nativeReply(native.answer, cors);
  }
  const parts = await readResponse(response, method);
  const { headers, cookies } = readHeaders(parts.headers, cors);
  return {
    statusCode: parts.status,
    headers,
    ...(cookies.length === 0 ? {} : { cookies }),
    ...(await encodeBody(parts, headers)),
  } satisfies GatewayReply;
}

/** An answer that the shim makes itself. */
export function plainReply(
  statusCode: number,
  error: string,
  requestId: string,
  headers: HeaderMap = {},
): GatewayReply {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'x-request-id': requestId, ...headers },
    body: JSON.stringify({ error, requestId }),
  };
}

/** What a Lambda handler answered goes back as it is, but for the cross-origin headers of its route. */
function nativeReply(answer: unknown, cors: HeaderMap): unknown {
  if (Object.keys(cors).length === 0) return answer;
  if (!isFields(answer) || !('statusCode' in answer)) {
    const headers = { 'content-type': 'application/json', ...cors };
    const body = typeof answer === 'string' ? answer : JSON.stringify(answer ?? null);
    return { statusCode: 200, headers, body };
  }
  const headers: Record<string, unknown> = { ...cors };
  for (const [name, value] of Object.entries(fieldsOf(answer['headers']))) {
    const lower = name.toLowerCase();
    // Names differ in case only to us: a browser would see the value of both, and refuse the response.
    if (!Object.hasOwn(cors, lower)) headers[name] = value;
    else if (lower === 'vary') headers[lower] = `${String(value)}, ${cors[lower]}`;
  }
  return { ...answer, headers };
}

function readHeaders(
  pairs: readonly string[],
  cors: HeaderMap,
): { readonly headers: Record<string, string>; readonly cookies: readonly string[] } {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const name = (pairs[index] ?? '').toLowerCase();
    const value = pairs[index + 1] ?? '';
    if (name === 'set-cookie') cookies.push(value);
    else if (!LEFT_OUT.has(name)) {
      headers[name] = Object.hasOwn(headers, name) ? `${headers[name]}, ${value}` : value;
    }
  }
  const own = headers['vary'];
  const merged = { ...headers, ...cors };
  if (own !== undefined && cors['vary'] !== undefined) merged['vary'] = `${own}, ${cors['vary']}`;
  return { headers: merged, cookies };
}

async function encodeBody(
  { body }: ResponseParts,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly body?: string; readonly isBase64Encoded?: boolean }> {
  if (body === null) return {};
  const bytes = body instanceof Uint8Array ? asBuffer(body) : await collect(body);
  if (bytes.length > MAX_BODY_CHARACTERS) throw tooLarge(bytes.length);
  const isText =
    headers['content-encoding'] === undefined &&
    TEXTUAL.test(headers['content-type'] ?? '') &&
    isUtf8(bytes);
  const text = isText ? bytes.toString('utf8') : undefined;
  if (text !== undefined && fits(text, bytes.length)) return { body: text };
  const base64 = bytes.toString('base64');
  if (base64.length > MAX_BODY_CHARACTERS) throw tooLarge(bytes.length);
  return { body: base64, isBase64Encoded: true };
}

/** JSON writes some characters as two, and some as six. */
function fits(text: string, byteLength: number): boolean {
  return (
    byteLength * 6 <= MAX_BODY_CHARACTERS ||
    Buffer.byteLength(JSON.stringify(text)) <= MAX_BODY_CHARACTERS
  );
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.byteLength;
    // It may never end.
    if (length > MAX_BODY_CHARACTERS) throw tooLarge(length);
  }
  return Buffer.concat(chunks);
}

function tooLarge(bytes: number): Error {
  return new Error(
    `The body of the response has ${bytes} bytes or more. Lambda returns at most 6 MB, and bytes that are no text take a third more. Put the data in a bucket and redirect to it.`,
  );
}
