/** One line of a function's log: the shim's, the runtime's in its two formats, Lambda's own, or anything. */
import type { JsonObject, JsonValue, LogLevel } from 'polyfaas/spi';

/** What a line says; the time and the version come from the event around it. */
export interface DecodedLine {
  readonly level: LogLevel;
  readonly message: string;
  /** Ours, where the caller gave one; else Lambda's. */
  readonly requestId?: string;
  /** Lambda's, where it differs. */
  readonly awsRequestId?: string;
  readonly fields?: JsonObject;
}

const LEVELS: Readonly<Partial<Record<string, LogLevel>>> = {
  TRACE: 'debug',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  WARNING: 'warn',
  ERROR: 'error',
  FATAL: 'error',
  CRITICAL: 'error',
};

/** Lines that Lambda writes around calls in its text format; the first stands behind the one that says how a process ended. */
const PLATFORM_TEXT =
  /^(?:Runtime\.ExitError$|(?:START|END|REPORT) RequestId: |INIT_START |INIT_REPORT |RESTORE_START |RESTORE_REPORT |EXTENSION\t|TELEMETRY\t|LOGS\t|XRAY TraceId: )/;

/** `2026-11-21T03:00:00.000Z\t<request id>\tINFO\tmessage` */
const RUNTIME_TEXT = /^\d{4}-\d\d-\d\dT[\d:.]+Z\t([\w-]+)\t([A-Z]+)\t(.*)$/s;

/** The same as Python's runtime writes it: `[INFO]\t2026-11-21T03:00:00.000Z\t<request id>\tmessage` */
const PYTHON_TEXT = /^\[([A-Z]+)\]\t\d{4}-\d\d-\d\dT[\d:.]+Z\t([\w-]*)\t(.*)$/s;

/** `2026-11-21T03:00:00.000Z <request id> Task timed out after 3.00 seconds` */
const TIMED_OUT = /^\d{4}-\d\d-\d\dT[\d:.]+Z ([\w-]+) (Task timed out after .*)$/s;

/** `RequestId: <request id> Error: Runtime exited with error: signal: killed`: of an instance that ended. */
const ENDED = /^RequestId: ([\w-]+) Error: (.*)$/s;

/** The line of a stack with which errors travel. */
const TRAVELLING = /^\s+at polyfaas \(data:/;

/** Undefined for what is no entry: Lambda's own lines, and the marks that the shim leaves for the metrics. */
export function decodeLine(text: string): DecodedLine | undefined {
  const line = text.replace(/[\r\n]+$/, '');
  if (line.startsWith('{')) {
    const value = parsed(line);
    if (value !== undefined) return decodeJson(value, line);
  }
  if (PLATFORM_TEXT.test(line)) return undefined;
  const late = TIMED_OUT.exec(line);
  if (late !== null) return { level: 'error', message: late[2] ?? '', ...requestOf(late[1]) };
  const ended = ENDED.exec(line);
  if (ended !== null) return { level: 'error', message: ended[2] ?? '', ...requestOf(ended[1]) };
  const runtime = RUNTIME_TEXT.exec(line);
  if (runtime !== null) {
    // The runtime writes a line end so, for one entry to stay one.
    const message = withoutTravelling(runtime[3] ?? '').replaceAll('\r', '\n');
    return { level: LEVELS[runtime[2] ?? ''] ?? 'info', message, ...requestOf(runtime[1]) };
  }
  const python = PYTHON_TEXT.exec(line);
  if (python !== null) {
    const level = LEVELS[python[1] ?? ''] ?? 'info';
    return { level, message: python[3] ?? '', ...requestOf(python[2]) };
  }
  return { level: 'info', message: line };
}

function decodeJson(value: JsonObject, line: string): DecodedLine | undefined {
  const { type, level, message, requestId, awsRequestId, fields } = value;
  if (isText(type) && type.startsWith('platform.') && isObject(value['record'])) {
    return type === 'platform.report' ? decodeReport(value['record']) : undefined;
  }
  if (isText(value['polyfaas']) && message === `polyfaas ${value['polyfaas']}`) return undefined;
  if (!isText(level)) return { level: 'info', message: line };
  const request = requestOf(requestId ?? value['AWSRequestId']);
  const known = LEVELS[level.toUpperCase()] ?? 'info';
  const aws = isText(awsRequestId) ? { awsRequestId } : {};
  if (isText(message)) {
    const own = isObject(fields) ? { fields } : otherFields(value);
    return { level: known, message: withoutTravelling(message), ...request, ...aws, ...own };
  }
  const described = isObject(message) ? describeError(message) : undefined;
  if (described !== undefined) return { level: known, ...described, ...request };
  const shown = message === undefined ? line : JSON.stringify(message);
  return { level: known, message: shown, ...request };
}

/** In JSON form only the report of a call tells that Lambda ended it. */
function decodeReport({ status, errorType, requestId }: JsonObject): DecodedLine | undefined {
  const request = requestOf(requestId);
  if (status === 'timeout') return { level: 'error', message: 'Task timed out', ...request };
  const isKilled = errorType === 'Runtime.ExitError' || errorType === 'Runtime.OutOfMemory';
  if (status !== 'failure' && !isKilled) return undefined;
  const reason = isText(errorType) ? errorType : 'no reason given';
  return { level: 'error', message: `The instance ended: ${reason}`, ...request };
}

/** The two ids of a line that carries both: ours, and Lambda's. */
export function decodeLink(
  text: string,
): { readonly requestId: string; readonly awsRequestId: string } | undefined {
  const value = text.startsWith('{') ? parsed(text) : undefined;
  const { requestId, awsRequestId } = value ?? {};
  return isText(requestId) && isText(awsRequestId) ? { requestId, awsRequestId } : undefined;
}

/** An error that was logged as it is. */
function describeError(
  error: JsonObject,
): { readonly message: string; readonly fields: JsonObject } | undefined {
  const { errorType, errorMessage, stackTrace, ...rest } = error;
  if (!isText(errorType) || !isText(errorMessage)) return undefined;
  const stack = Array.isArray(stackTrace)
    ? stackTrace.filter((line) => typeof line === 'string' && !TRAVELLING.test(line))
    : [];
  const fields = { ...rest, errorType, errorMessage, stackTrace: stack };
  return { message: `${errorType}: ${errorMessage}`, fields };
}

const OWN_FIELDS: ReadonlySet<string> = new Set([
  'timestamp',
  'time',
  'level',
  'message',
  'requestId',
  'awsRequestId',
  'AWSRequestId',
  'traceparent',
  'fields',
]);

/** What another logger put beside the message. */
function otherFields(value: JsonObject): { readonly fields?: JsonObject } {
  const others = Object.entries(value).filter(([name]) => !OWN_FIELDS.has(name));
  if (others.length === 0) return {};
  const fields: JsonObject = Object.fromEntries(
    others.map(([name, field]) => [name, name === 'stackTrace' ? withoutLines(field) : field]),
  );
  return { fields };
}

function withoutLines(field: JsonValue | undefined): JsonValue {
  if (!Array.isArray(field)) return field ?? null;
  return field.filter((line) => typeof line !== 'string' || !TRAVELLING.test(line));
}

/** In text form an error is one line, or JSON whose stack is a list. */
function withoutTravelling(message: string): string {
  if (!message.includes('at polyfaas (data:')) return message;
  return message.replaceAll(/,?"?(?:\\n|[\n\r])?\s*at polyfaas \(data:[\w/;,+=]*\)"?/g, '');
}

function requestOf(id: unknown): { readonly requestId?: string } {
  return isText(id) && id !== '' && id !== 'undefined' ? { requestId: id } : {};
}

function parsed(line: string): JsonObject | undefined {
  try {
    const value: JsonValue = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
