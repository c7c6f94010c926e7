/** Reads what a function answered, payload format 2.0. */
import type { EdgeReply } from './edge.ts';

/** The reply that an answer stands for; undefined when it is none that can be sent. */
export function readReply(payload: string | undefined): EdgeReply | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(payload ?? 'null');
  } catch {
    return undefined;
  }
  if (typeof answer !== 'object' || answer === null || !('statusCode' in answer)) {
    return {
      status: 200,
      headers: [['content-type', 'application/json']],
      body: typeof answer === 'string' ? answer : (payload ?? 'null'),
    };
  }
  return structured(answer);
}

function structured(answer: object): EdgeReply | undefined {
  const fields = new Map<string, unknown>(Object.entries(answer));
  const status = Number(fields.get('statusCode'));
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  const body = fields.get('body') ?? '';
  if (typeof body !== 'string') return undefined;
  const headers = headersOf(fields.get('headers'));
  const cookies = fields.get('cookies') ?? [];
  if (headers === undefined || !Array.isArray(cookies)) return undefined;
  for (const cookie of cookies) headers.push(['set-cookie', String(cookie)]);
  return {
    status,
    headers,
    body: fields.get('isBase64Encoded') === true ? Buffer.from(body, 'base64') : body,
  };
}

function headersOf(given: unknown): [string, string][] | undefined {
  const headers: [string, string][] = [];
  for (const [name, value] of Object.entries(given ?? {})) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) return undefined;
    headers.push([name.toLowerCase(), String(value)]);
  }
  if (!headers.some(([name]) => name === 'content-type')) {
    headers.push(['content-type', 'application/json']);
  }
  return headers;
}
