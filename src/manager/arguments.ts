/** Checks of what callers pass to the manager's methods. */
import { ServerlessError } from '../errors/index.ts';
import type { JsonValue } from '../function/json.types.ts';
import {
  jsonByteLength,
  JsonEncodeError,
  type MeasuredJson,
  measuredJson,
} from '../function/json.ts';
import { readTraceContext } from '../function/trace.ts';
import type { TraceContext } from '../function/context.ts';
import type { Capabilities } from '../spi/capabilities.ts';
import type { NativeToken } from '../spi/provider.ts';
import { told } from './told.ts';

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,39}$/;
const REQUEST_ID = /^[\w-]{1,128}$/;
const MAX_VERSION_CHARACTERS = 256;

export function checkName(name: string): string {
  if (typeof name === 'string' && NAME.test(name)) return name;
  throw invalid(
    'name',
    `${told(name)} is not a function's name: a letter, then at most 39 letters, digits, "-" or "_".`,
  );
}

export function checkRequestId(requestId: string): string {
  if (REQUEST_ID.test(requestId)) return requestId;
  throw invalid('requestId', `${told(requestId)} is not 1 to 128 of A-Z a-z 0-9 - _.`);
}

/** In the normal form: platforms and tracers are stricter than those who read it, and would begin a new trace. */
export function checkTraceparent(traceparent: string): TraceContext {
  const trace = readTraceContext(traceparent);
  if (trace) return trace;
  throw invalid(
    'traceparent',
    `${told(traceparent)} is not a W3C traceparent, such as 00-<32 hex>-<16 hex>-01.`,
  );
}

/** The name of a version, which the platform gave. */
export function checkVersion(version: string): string {
  if (version !== '' && version.length <= MAX_VERSION_CHARACTERS) return version;
  throw invalid(
    'version',
    `${told(version)} names no version: 1 to ${MAX_VERSION_CHARACTERS} characters. describe() lists the versions.`,
  );
}

export function checkToken<T>(token: NativeToken<T>): NativeToken<T> {
  const given: unknown = token;
  if (typeof given === 'object' && given !== null && 'key' in given) {
    if (typeof given.key === 'symbol') return token;
  }
  throw invalid('token', `${told(given)} is none. Adapters export theirs, such as AWS.lambda.`);
}

export function checkInteger(field: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalid(field, `${told(value)} is not a whole number from ${min} to ${max}.`);
}

/** What every platform takes: 4 MiB with an answer, 48 KiB without. More may work here, and not elsewhere. */
export const PORTABLE_PAYLOAD_BYTES = { sync: 4 * 1024 * 1024, async: 48 * 1024 } as const;

/**
 * The payload as JSON carries it; refuses what JSON would lose, and what the platform would not take.
 *
 * @param onLarge told the size of a payload that this platform takes, but not every other.
 */
export function checkPayload(
  input: unknown,
  mode: 'sync' | 'async',
  capabilities: Capabilities,
  functionName: string,
  onLarge: (bytes: number, portableBytes: number) => void,
): JsonValue {
  const { json: payload, atMostBytes } = encode(input, functionName);
  const limit =
    mode === 'sync' ? capabilities.limits.syncPayloadBytes : capabilities.limits.asyncPayloadBytes;
  const portable = PORTABLE_PAYLOAD_BYTES[mode];
  if (atMostBytes > Math.min(limit, portable)) {
    const bytes = jsonByteLength(payload);
    if (bytes > portable && bytes <= limit) onLarge(bytes, portable);
    if (bytes > limit) {
      throw new ServerlessError({
        code: 'PAYLOAD_TOO_LARGE',
        function: functionName,
        message: `The input is ${bytes} bytes of JSON; a ${mode} invocation takes at most ${limit}. Put the data in a bucket and send its key.`,
        details: { bytes, limit, mode },
      });
    }
  }
  return payload;
}

function encode(input: unknown, functionName: string): MeasuredJson {
  try {
    return measuredJson(input, 'input');
  } catch (error) {
    if (!(error instanceof JsonEncodeError)) throw error;
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      function: functionName,
      message: `${error.message}. Convert it to plain JSON first.`,
      details: { issues: [{ path: error.path, message: error.reason }] },
      cause: error,
    });
  }
}

export function invalid(path: string, message: string): ServerlessError {
  return new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `${path}: ${message}`,
    details: { issues: [{ path, message }] },
  });
}
