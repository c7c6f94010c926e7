/** Reads what Google's APIs answer: results, and refusals in each of their forms. */
import type { JsonValue } from 'polyfaas/spi';
import { GoogleApiError } from './error.ts';
import type { HttpAnswer } from './index.ts';
import { listAt, numberAt, objectAt, parsedJson, textAt } from './json.ts';

/** Nobody reads more of a page of HTML. */
const MAX_TEXT = 500;

/**
 * The JSON of an answer; `{}` without a body.
 *
 * @param what `GET /v1/projects/p/topics/t`: for the message of an answer that says nothing itself.
 * @throws GoogleApiError for a status of 400 and above, and for what is not Google's.
 */
export function jsonOf(answer: HttpAnswer, what: string, now: number): JsonValue {
  const { status, text } = answer;
  if (status >= 400) throw apiError(answer, what, now);
  if (text.trim() === '') return {};
  const body = parsedJson(text);
  if (status >= 200 && status < 300 && body !== undefined) return body;
  throw new GoogleApiError(status, {
    code: '',
    message: `The answer to ${what} is not Google's, or was cut off.`,
  });
}

/**
 * The refusal that an answer is: `{"error":{"code","status","message","details"}}`; the JSON form of Cloud Storage, with
 * `errors: [{reason}]`; the XML of its upload URLs; or plain text.
 */
export function apiError(answer: HttpAnswer, what: string, now: number): GoogleApiError {
  const { status, headers, text } = answer;
  const parsed = parsedJson(text);
  // Streams wrap their errors in a list.
  const error = objectAt(Array.isArray(parsed) ? parsed[0] : parsed, 'error');
  const details = listAt(error, 'details');
  const said = textAt(error, 'message') ?? plainText(text, parsed);
  return new GoogleApiError(status, {
    code:
      textAt(error, 'status') ??
      textAt(listAt(error, 'errors')[0], 'reason') ??
      /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ??
      '',
    message: said === '' ? `Google answered ${what} with ${status}.` : said,
    reason: reasonIn(details),
    details,
    retryAfterMs: retryAfterOf(headers['retry-after'], now) ?? retryDelayIn(details),
  });
}

function plainText(text: string, parsed: JsonValue | undefined): string {
  if (parsed !== undefined && typeof parsed !== 'string') {
    // OAuth: { "error": "invalid_grant", "error_description": "..." }
    return textAt(parsed, 'error_description') ?? textAt(parsed, 'error') ?? '';
  }
  const message = /<(?:Message|Details)>([^<]*)<\/(?:Message|Details)>/.exec(text)?.[1];
  if (message !== undefined) return message;
  const plain = /<\w/.test(text) ? (/<title>([^<]*)<\/title>/i.exec(text)?.[1] ?? '') : text;
  return plain.trim().slice(0, MAX_TEXT);
}

/** Of `google.rpc.ErrorInfo`. */
function reasonIn(details: readonly JsonValue[]): string {
  for (const detail of details) {
    const reason = textAt(detail, 'reason');
    if (reason !== undefined && isType(detail, 'ErrorInfo')) return reason;
  }
  return '';
}

/** Of `google.rpc.RetryInfo`, in milliseconds: `"3.5s"`, or as a message `{seconds, nanos}`. */
export function retryDelayIn(details: readonly JsonValue[]): number | undefined {
  for (const detail of details) {
    const text = textAt(detail, 'retryDelay');
    const [, inText] = /^(\d+(?:\.\d+)?)s$/.exec(text ?? '') ?? [];
    if (inText !== undefined) return Math.round(Number(inText) * 1_000);
    const seconds = numberAt(detail, 'retryDelay', 'seconds');
    const nanos = numberAt(detail, 'retryDelay', 'nanos');
    if (seconds !== undefined || nanos !== undefined)
      return (seconds ?? 0) * 1_000 + Math.round((nanos ?? 0) / 1e6);
  }
  return undefined;
}

function isType(detail: JsonValue, name: string): boolean {
  return (textAt(detail, '@type') ?? '').endsWith(`google.rpc.${name}`);
}

/** Milliseconds: seconds, or a date. */
export function retryAfterOf(value: string | undefined, now: number): number | undefined {
  if (value === undefined || value.trim() === '') return undefined;
  const seconds = Number(value);
  if (seconds >= 0) return seconds * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
