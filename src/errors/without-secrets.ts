/** What an adapter says itself, it is to say with care; what looks like a credential all the same is taken out. */
import type { JsonObject, JsonValue } from '../function/json.types.ts';
import { redactSaid } from './redact.ts';
import { ServerlessError } from './serverless-error.ts';
import { textOf } from './text-of.ts';

/** Deeper than this, details are taken for what they are not: a structure that refers to itself. */
const MAX_DEPTH = 50;

/** The same error where there is nothing to hide; else one like it, which says `[redacted]`. */
export function withoutSecrets(error: ServerlessError): ServerlessError {
  const { code, retryable, retryAfterMs, provider, function: name, step } = error;
  // Of another copy of the library, or made by hand, it may lack what the type promises.
  const message = redactSaid(textOf(error));
  const details = isObject(error.details) ? cleanObject(error.details, 0) : error.details;
  const cause = ServerlessError.isInstance(error.cause) ? withoutSecrets(error.cause) : error.cause;
  const isClean = message === error.message && details === error.details && cause === error.cause;
  if (isClean) return error;
  const place = { provider, function: name, step };
  const what = { code, message, retryable, retryAfterMs, details, cause };
  const clean = new ServerlessError({ ...what, ...place });
  // Its first line is the message.
  if (error.stack !== undefined) clean.stack = error.stack.replace(error.message, () => message);
  return clean;
}

/** The same object where nothing is to be hidden in it. */
function cleanObject(value: JsonObject, depth: number): JsonObject {
  const entries = Object.entries(value);
  const clean = entries.map(([key, field]): [string, JsonValue] => [
    key,
    cleanValue(field, depth + 1),
  ]);
  const isSame = clean.every(([, field], at) => field === entries[at]?.[1]);
  return isSame ? value : Object.fromEntries(clean);
}

function cleanValue(value: JsonValue, depth: number): JsonValue {
  if (typeof value === 'string') return redactSaid(value);
  if (depth > MAX_DEPTH) return value;
  if (isObject(value)) return cleanObject(value, depth);
  if (!Array.isArray(value)) return value;
  const items = value.map((item: JsonValue) => cleanValue(item, depth + 1));
  return items.every((item, at) => item === value[at]) ? value : items;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
