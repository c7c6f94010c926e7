/** Answers direct calls inside the platform: the same for every platform whose functions are called over HTTP. */
import { serializeError } from '../../function/error.ts';
import type { JsonObject, JsonValue } from '../../function/json.types.ts';
import type { HandlerRuntime, RuntimeIdentity } from '../../function/shim.ts';
import { readTraceContext } from '../../function/trace.ts';
import { inTime, OverdueError } from '../in-time.ts';
import type { DirectAnswer, DirectBody, DirectHead } from './envelope.ts';
import type { DirectKey } from './keys.ts';
import { DIRECT_HEADER } from './signature.ts';
import { DirectVerifier, type DirectRequest, type Refusal } from './verifier.ts';

/** What is told of a call that was answered, for the platform's log. */
export interface DirectReport {
  readonly kind: DirectBody['kind'];
  readonly requestId: string;
  readonly coldStart: boolean;
  readonly outcome: 'ok' | 'error' | 'timeout';
  readonly durationMs: number;
  readonly error?: unknown;
}

export interface DirectServerParts {
  /** The keys that are valid, the newest first. Read at each call. */
  keys(): readonly DirectKey[];
  readonly identity: RuntimeIdentity;
  /** The one runtime of the instance, made when it is first asked for. */
  runtime(startedAhead: boolean): HandlerRuntime;
  /** True until {@link runtime} was asked for. */
  isFresh(): boolean;
  /** How long the instance took to start; null where it is not known. */
  initDurationMs(): number | null;
  report(call: DirectReport): void;
  /** The status of an answer, where codes tell calls apart. Default: always 200. */
  statusOf?(call: DirectReport): number;
  /** The platform passes no larger answer on, and tells nobody why. Default: it says so itself. */
  readonly maxAnswerBytes?: number;
  /** Default: the machine's clock. */
  readonly now?: () => number;
}

export interface DirectReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A call that was checked, and has not run. */
export interface OpenedCall {
  readonly requestId: string;
  readonly body: DirectBody;
}

export interface DirectServer {
  serve(request: DirectRequest): Promise<DirectReply>;
  /** Checks a call, which is then taken, without running it: for one that runs later. */
  open(request: DirectRequest): OpenedCall | { readonly reply: DirectReply };
  /** What a call is answered with that runs later: 202. */
  accepted(): DirectReply;
}

/** A warm-up holds its instance no longer. */
const MAX_HOLD_MS = 30_000;

/**
 * Makes the server of one instance. It checks the signature, runs the handler within its timeout, and answers with the
 * result, or with the error as it was thrown: stacks travel on this route only.
 */
export function createDirectServer(parts: DirectServerParts): DirectServer {
  const { app, stage, functionName, version } = parts.identity;
  const verifier = new DirectVerifier({
    keys: () => parts.keys(),
    functionId: `${app}/${stage}/${functionName}`,
    version,
    ...(parts.now ? { now: parts.now } : {}),
  });
  const open: DirectServer['open'] = (request) => {
    const checked = verifier.check(request);
    if ('refused' in checked) {
      return { reply: refusal(checked.refused, parts.now?.() ?? Date.now()) };
    }
    const body = parse(request.body);
    return body === undefined
      ? { reply: plain(400, 'The body is no call that this version knows.') }
      : { requestId: checked.requestId, body };
  };
  return {
    open,
    accepted: () => reply(ACCEPTED, headOf(parts, false, 0), {}),
    async serve(request) {
      const opened = open(request);
      return 'reply' in opened ? opened.reply : answer(parts, opened.body, opened.requestId);
    },
  };
}

const ACCEPTED = 202;

async function answer(
  parts: DirectServerParts,
  body: DirectBody,
  requestId: string,
): Promise<DirectReply> {
  const { kind } = body;
  if (kind === 'verify') {
    const status = told(parts, {
      kind,
      requestId,
      coldStart: false,
      outcome: 'ok',
      durationMs: 0,
    });
    return reply(status, headOf(parts, parts.isFresh(), 0), {});
  }
  if (kind === 'warm') {
    const isFirst = parts.isFresh();
    parts.runtime(true);
    const heldMs = Math.min(Math.max(0, body.holdMs ?? 0), MAX_HOLD_MS);
    const status = told(parts, {
      kind,
      requestId,
      coldStart: isFirst,
      outcome: 'ok',
      durationMs: heldMs,
    });
    if (heldMs > 0) await new Promise((resolve) => setTimeout(resolve, heldMs));
    return reply(status, headOf(parts, isFirst, heldMs), {});
  }
  const runtime = parts.runtime(false);
  const coldStart = runtime.cold;
  const began = performance.now();
  const { timeoutSeconds, functionName } = parts.identity;
  const deadline = Date.now() + timeoutSeconds * 1_000;
  const trace = readTraceContext(body.traceparent, body.tracestate);
  const controller = new AbortController();
  try {
    const output = await inTime(
      runtime.call(
        { kind: 'invoke', event: body.data ?? null },
        { requestId, attempt: 1, deadline, trace },
        controller.signal,
      ),
      timeoutSeconds * 1_000,
      `The function "${functionName}" ran longer than its ${timeoutSeconds} s.`,
    );
    const durationMs = performance.now() - began;
    const data = isJson(output) ? output : null;
    const answered = reply(200, headOf(parts, coldStart, durationMs), { data });
    if (parts.maxAnswerBytes !== undefined) refuseBeyond(parts.maxAnswerBytes, answered.body);
    const status = told(parts, { kind, requestId, coldStart, outcome: 'ok', durationMs });
    return { ...answered, status };
  } catch (error) {
    const durationMs = performance.now() - began;
    const isLate = error instanceof OverdueError;
    if (isLate) controller.abort(error);
    const status = told(parts, {
      kind,
      requestId,
      coldStart,
      outcome: isLate ? 'timeout' : 'error',
      durationMs,
      error,
    });
    return reply(status, headOf(parts, coldStart, durationMs), {
      error: serializeError(error),
      ...(isLate ? { timedOut: true } : {}),
      ...(error instanceof AnswerTooLargeError ? { tooLarge: true } : {}),
    });
  }
}

function refuseBeyond(maxBytes: number, body: string): void {
  const bytes = Buffer.byteLength(body);
  if (bytes > maxBytes) throw new AnswerTooLargeError(bytes, maxBytes);
}

class AnswerTooLargeError extends Error {
  override readonly name = 'AnswerTooLargeError';

  constructor(bytes: number, maxBytes: number) {
    super(`The answer has ${bytes} bytes, and the platform passes on ${maxBytes}.`);
  }
}

function headOf(parts: DirectServerParts, coldStart: boolean, durationMs: number): DirectHead {
  return {
    version: parts.identity.version,
    instanceId: parts.identity.instanceId ?? '',
    coldStart,
    durationMs: Math.round(durationMs * 1_000) / 1_000,
    initDurationMs: coldStart ? parts.initDurationMs() : null,
  };
}

/** Tells of a call, and what status it is answered with. */
function told(parts: DirectServerParts, call: DirectReport): number {
  parts.report(call);
  return parts.statusOf?.(call) ?? 200;
}

function reply(
  status: number,
  head: DirectHead,
  rest: Omit<DirectAnswer, '$polyfaas'>,
): DirectReply {
  const body: DirectAnswer = { $polyfaas: head, ...rest };
  return { status, headers: JSON_HEADERS, body: JSON.stringify(body) };
}

const JSON_HEADERS = { 'content-type': 'application/json' } as const;

function refusal(refused: Refusal, now: number): DirectReply {
  const { status, body, headers } = plain(refused === 'otherVersion' ? 409 : 401, refused);
  return {
    status,
    body,
    // The caller sets its clock by it, once.
    headers: { ...headers, [DIRECT_HEADER.refused]: refused, [DIRECT_HEADER.time]: String(now) },
  };
}

function plain(status: number, error: string): DirectReply {
  return { status, headers: JSON_HEADERS, body: JSON.stringify({ error }) };
}

function parse(bytes: Uint8Array): DirectBody | undefined {
  try {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
    const value: unknown = JSON.parse(text);
    return isBody(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

// The signature says that the library itself wrote it.
function isBody(value: unknown): value is DirectBody {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  return value.kind === 'invoke' || value.kind === 'warm' || value.kind === 'verify';
}

/** The runtime has checked that an answer to `invoke` is JSON. */
function isJson(value: unknown): value is Exclude<JsonValue, undefined> | JsonObject {
  return value !== undefined;
}
