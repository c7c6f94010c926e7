/** Reads what Vercel's API answers: results, and refusals. */
import { type JsonValue, numberAt, objectAt, parsedJson, textAt } from 'polyfaas/spi';
import { VercelApiError } from './error.ts';

/** Nobody reads more of a page of HTML. */
const MAX_TEXT = 500;
/** Times are seconds or milliseconds since the epoch: no time of ours in seconds is as large. */
const LEAST_MS = 1e11;

/** An answer as it came. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/**
 * The JSON of an answer; `{}` without a body.
 *
 * @param call `GET /v9/projects/{id}`: for messages.
 * @throws VercelApiError for a status of 400 and above, and for what is not Vercel's.
 */
export function jsonOf(answer: HttpAnswer, call: string, now: number): JsonValue {
  const { status, text } = answer;
  if (status >= 400) throw apiError(answer, call, now);
  if (text.trim() === '') return {};
  const body = parsedJson(text);
  if (status >= 200 && status < 300 && body !== undefined) return body;
  throw new VercelApiError(status, {
    code: '',
    message: `The answer to ${call} is not Vercel's, or was cut off.`,
    call,
  });
}

/** The refusal that an answer is: `{"error":{"code","message"}}`; at the edge also plain text or HTML. */
export function apiError(answer: HttpAnswer, call: string, now: number): VercelApiError {
  const { status, headers, text } = answer;
  const parsed = parsedJson(text);
  const error = objectAt(parsed, 'error');
  const said = textAt(error, 'message') ?? plainText(text, parsed);
  return new VercelApiError(status, {
    code: textAt(error, 'code') ?? headers['x-vercel-error'] ?? '',
    message: said === '' ? `Vercel answered ${call} with ${status}.` : said,
    call,
    reason: reasonOf(error),
    retryAfterMs: retryAfterOf(status, headers, error, now),
  });
}

const REASONS = ['missingToken', 'invalidToken', 'saml', 'scope'];

/** What stands beside the code of a 403, as a flag or with a value. */
export function reasonOf(error: JsonValue): string {
  const fields = objectAt(error);
  return REASONS.find((one) => fields[one] !== undefined && fields[one] !== false) ?? '';
}

/**
 * Milliseconds until a repeat makes sense: `Retry-After`, `limit.resetMs` and `limit.reset` of the body ("Vercel REST
 * API", rate limits), `x-ratelimit-reset`.
 */
export function retryAfterOf(
  status: number,
  headers: Readonly<Record<string, string>>,
  error: JsonValue,
  now: number,
): number | undefined {
  const asked = delayOf(headers['retry-after'], now);
  if (asked !== undefined || status !== 429) return asked;
  const limit = objectAt(error, 'limit');
  const reset =
    numberAt(limit, 'resetMs') ?? numberAt(limit, 'reset') ?? resetOf(headers['x-ratelimit-reset']);
  if (reset === undefined || reset <= 0) return undefined;
  return Math.max(0, Math.ceil((reset < LEAST_MS ? reset * 1_000 : reset) - now));
}

function resetOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Milliseconds: seconds, or a date. */
function delayOf(value: string | undefined, now: number): number | undefined {
  if (value === undefined || value.trim() === '') return undefined;
  const seconds = Number(value);
  if (seconds >= 0) return seconds * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

function plainText(text: string, parsed: JsonValue | undefined): string {
  if (parsed !== undefined && typeof parsed !== 'string') return textAt(parsed, 'message') ?? '';
  const plain = /<\w/.test(text) ? (/<title>([^<]*)<\/title>/i.exec(text)?.[1] ?? '') : text;
  return plain.trim().slice(0, MAX_TEXT);
}

/** `GET /v9/projects/{id}/env`: without ids and names. */
export function callName(method: string, path: string): string {
  const [plain = ''] = path.split('?');
  const general = plain.replaceAll(
    /\/(projects|deployments|env|rollback|promote|teams)\/[^/]+/g,
    '/$1/{id}',
  );
  return `${method} ${general}`;
}
