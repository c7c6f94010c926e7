/** Reads what went wrong, in each of the forms in which it comes. */
import { retryDelayIn } from '../clients/answer.ts';
import { GoogleApiError } from '../clients/error.ts';
import { listAt, textsAt } from '../clients/json.ts';
import type { JsonValue } from 'polyfaas/spi';
import { canonicalName } from './canonical.ts';

export interface RawError {
  readonly name: string;
  /** `NOT_FOUND`; of Cloud Storage its own word: `conditionNotMet`. Empty when not told. */
  readonly code: string;
  readonly message: string;
  /** HTTP; undefined when there was no answer. */
  readonly status: number | undefined;
  /** Of `google.rpc.ErrorInfo`. Empty when not told. */
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly retryAfterMs: number | undefined;
}

/** `GoogleApiError`, the vendor client's `GoogleError`, the error of an operation, and anything of their shape. */
export function readError(cause: unknown): RawError {
  if (cause instanceof GoogleApiError) {
    const { name, code, message, status, reason, details, retryAfterMs } = cause;
    return { name, code, message, status, reason, metadata: metadataIn(details), retryAfterMs };
  }
  if (typeof cause !== 'object' || cause === null) {
    return {
      name: '',
      code: '',
      message: typeof cause === 'string' ? cause : '',
      status: undefined,
      reason: '',
      metadata: {},
      retryAfterMs: undefined,
    };
  }
  const code: unknown = Reflect.get(cause, 'code');
  const canonical = canonicalName(code);
  // The vendor's client calls them `statusDetails`; operations, `details`.
  const details = jsonIn(Reflect.get(cause, 'statusDetails') ?? Reflect.get(cause, 'details'));
  const said = textIn(cause, 'message');
  return {
    name: textIn(cause, 'name'),
    code: canonical ?? (typeof code === 'string' ? code : ''),
    // It quotes the whole page that it could not read.
    message: /could not be decoded/.test(said) ? '' : said,
    status: statusIn(cause),
    reason: textIn(cause, 'reason'),
    metadata: {
      ...metadataIn(details),
      ...textsAt(jsonIn(Reflect.get(cause, 'errorInfoMetadata'))),
    },
    retryAfterMs: retryDelayIn(listAt(details)),
  };
}

function statusIn(cause: object): number | undefined {
  const response: unknown = Reflect.get(cause, 'response');
  const found =
    numberIn(cause, 'httpStatusCode') ??
    numberIn(cause, 'status') ??
    (typeof response === 'object' && response !== null ? numberIn(response, 'status') : undefined);
  return found !== undefined && found >= 100 && found < 600 ? found : undefined;
}

function metadataIn(details: JsonValue): Readonly<Record<string, string>> {
  for (const detail of listAt(details)) {
    const found = textsAt(detail, 'metadata');
    if (Object.keys(found).length > 0) return found;
  }
  return {};
}

/** What the vendor decoded is not JSON, but reads as if it were. */
function jsonIn(value: unknown): JsonValue {
  if (typeof value !== 'object' || value === null) return null;
  try {
    // What is parsed from JSON is JSON.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
    return JSON.parse(JSON.stringify(value)) as JsonValue;
  } catch {
    return null;
  }
}

function textIn(value: object, name: string): string {
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'string' ? found : '';
}

function numberIn(value: object, name: string): number | undefined {
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'number' ? found : undefined;
}
