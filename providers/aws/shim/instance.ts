/** One execution environment of Lambda, from its start to its end. */
import type {
  BoundHandler,
  CallMeta,
  HandlerRuntime,
  JsonValue,
  ShimCall,
  ShimReply,
  TraceContext,
} from 'polyfaas/function';
import { readTraceContext, serializeError } from 'polyfaas/function';
import {
  type EnvelopeHead,
  ENV,
  type InvokeEnvelope,
  MARK,
  type ReplyEnvelope,
  type WarmEnvelope,
} from '../envelope.ts';
import { fromXRay } from '../trace.ts';
import { orderedAnswer, serveQueue } from './batch.ts';
import { travelling } from './failure.ts';
import { CallLink } from './call-link.ts';
import { serveHttp, type TraceHeaders } from './http/serve.ts';
import { type Fields, fieldsOf, jsonOf, textOf } from './json.ts';
import { accountOf, type LambdaContext, withRequestId } from './lambda-context.ts';
import { LineSink } from './log.ts';
import { busEvent, scheduleTick } from './normal/bus.ts';
import { objectEvent } from './normal/object.ts';
import { queueBatch } from './normal/queue.ts';
import { streamBatch } from './normal/stream.ts';
import { tableBatch } from './normal/table.ts';
import { topicMessage } from './normal/topic.ts';
import { type PushCall, servePush } from './push.ts';
import { recognise, type RecordKind } from './recognise.ts';
import { Attempts } from './retry/attempts.ts';
import type { Origin } from './retry/policy.ts';

/** A warm-up holds its instance no longer, whatever it says. */
const MAX_HOLD_MS = 10_000;

/** The default bus, where an event does not tell its own. */
const DEFAULT_BUS = 'default';

export class Instance {
  readonly #handler: BoundHandler;
  readonly #sink = new LineSink();
  readonly #attempts = new Attempts();
  /** From the start of the process until the user's code was loaded. */
  readonly #initDurationMs = performance.now();
  #runtime: HandlerRuntime | undefined;

  constructor(handler: BoundHandler) {
    this.#handler = handler;
  }

  async serve(event: unknown, context: LambdaContext): Promise<unknown> {
    this.#sink.begin(context.awsRequestId);
    const input = recognise(event);
    switch (input.kind) {
      case 'enveloped':
        return await this.#enveloped(input.head, input.data, context);
      case 'invoke':
        return await this.#bare(event, context);
      case 'http':
        return await this.#http(input.event, context);
      case 'bus':
        return await this.#bus(input.event, DEFAULT_BUS, undefined, context);
      default:
        return await this.#records(input.kind, input.records, event, context);
    }
  }

  /** A caller who knows nothing of this library gets what a Lambda handler answers, whatever that is. */
  async #bare(event: unknown, context: LambdaContext): Promise<unknown> {
    let given: { readonly answer: unknown } | undefined;
    const answered = (answer: unknown): void => {
      given = { answer };
    };
    const call: ShimCall = { kind: 'invoke', event: jsonOf(event) };
    const reply = await this.#call(context, call, event, { answered }).catch((thrown: unknown) => {
      if (given === undefined) throw thrown;
    });
    return given === undefined ? reply : given.answer;
  }

  async #enveloped(head: EnvelopeHead, data: unknown, context: LambdaContext): Promise<unknown> {
    switch (head.kind) {
      case 'verify':
        this.#sink.mark('verify');
        return this.#reply(true, 0, undefined);
      case 'warm':
        return await this.#warm(head, context);
      case 'invoke':
        return await this.#invoke(head, data, context);
      case 'bus':
        return await this.#bus(fieldsOf(data), head.bus, head.binding, context);
      case 'schedule':
        break;
    }
    const call: PushCall = { kind: 'schedule', event: scheduleTick(head, jsonOf(data)) };
    return await this.#push(call, undefined, scheduledEvent(head, data, context), context);
  }

  async #warm({ holdMs }: WarmEnvelope, context: LambdaContext): Promise<ReplyEnvelope> {
    const isFirst = this.#runtime === undefined;
    this.#start(context, true);
    this.#sink.mark('warm');
    const heldMs = Math.min(Math.max(0, holdMs), MAX_HOLD_MS);
    await new Promise((resolve) => setTimeout(resolve, heldMs));
    return this.#reply(isFirst, heldMs, undefined);
  }

  async #invoke(head: InvokeEnvelope, data: unknown, context: LambdaContext): Promise<unknown> {
    const { requestId, asyncSentAt } = head;
    const trace = readTraceContext(head.traceparent, head.tracestate);
    const call: ShimCall = { kind: 'invoke', event: jsonOf(data) };
    const own = withRequestId(context, requestId);
    this.#sink.begin(context.awsRequestId, requestId);
    const link = new CallLink(context, () => {
      if (!this.#sink.isLinked) this.#sink.mark('call');
    });
    if (asyncSentAt !== undefined) {
      const attempt = this.#attempts.begin(context.awsRequestId);
      const about = { requestId, attempt, trace };
      const answer = await link.around(() => this.#call(own, call, data, about));
      this.#attempts.end(context.awsRequestId);
      return answer;
    }
    const isCold = this.#start(context).cold;
    const began = performance.now();
    const answer = await link
      .around(() => this.#call(own, call, data, { requestId, trace }))
      .catch(rethrowTravelling);
    return this.#reply(isCold, performance.now() - began, jsonOf(answer));
  }

  #reply(coldStart: boolean, durationMs: number, data: JsonValue | undefined): ReplyEnvelope {
    const initDurationMs = coldStart ? round(this.#initDurationMs) : null;
    const instanceId = this.#runtime?.instanceId ?? instanceIdOf() ?? '';
    const head = { coldStart, instanceId, durationMs: round(durationMs), initDurationMs };
    return data === undefined ? { [MARK]: head } : { [MARK]: head, data };
  }

  #http(event: Fields, context: LambdaContext): Promise<unknown> {
    const requestId = context.awsRequestId;
    return serveHttp(event, {
      requestId,
      remainingMs: context.getRemainingTimeInMillis(),
      call: (request, http, headers) => {
        const trace = traceOfHeaders(headers);
        return this.#call(context, { kind: 'http', event: request, http }, event, { trace });
      },
      report: (thrown) => this.#report('error', 'The http handler failed', thrown, requestId),
    });
  }

  #bus(
    event: Fields,
    bus: string,
    bindingId: string | undefined,
    context: LambdaContext,
  ): Promise<unknown> {
    const origin: Origin | undefined =
      bindingId === undefined ? undefined : { kind: 'bus', bindingId };
    return this.#push({ kind: 'bus', event: busEvent(event, bus) }, origin, event, context);
  }

  async #records(
    kind: RecordKind,
    records: readonly Fields[],
    event: unknown,
    context: LambdaContext,
  ): Promise<unknown> {
    switch (kind) {
      case 'queue':
        return await this.#queue(records, event, context);
      case 'stream':
        return await this.#ordered({ kind: 'stream', event: streamBatch(records) }, event, context);
      case 'table':
        return await this.#ordered({ kind: 'table', event: tableBatch(records) }, event, context);
      case 'topic':
      case 'object':
        break;
    }
    // AWS sends one record at a time, and does not promise to.
    let answer: unknown = null;
    for (const record of records) {
      const [call, origin] = kind === 'topic' ? topicCall(record) : objectCall(record);
      const own = records.length === 1 ? event : { Records: [record] };
      answer = await this.#push(call, origin, own, context);
    }
    return answer;
  }

  #queue(records: readonly Fields[], event: unknown, context: LambdaContext): Promise<unknown> {
    const batch = queueBatch(records);
    const header = fieldsOf(records[0]?.['attributes'])['AWSTraceHeader'];
    const trace = typeof header === 'string' ? fromXRay(header) : undefined;
    return serveQueue(records, batch, {
      context,
      run: (live) => {
        const attempt = Math.max(...live.messages.map((message) => message.attempt));
        const ids = new Set(live.messages.map(({ id }) => id));
        const own =
          live === batch
            ? event
            : { Records: records.filter((record) => ids.has(textOf(record['messageId']))) };
        return this.#call(context, { kind: 'queue', event: live }, own, { attempt, trace });
      },
      warn: (message, thrown) => this.#report('warn', message, thrown, context.awsRequestId),
    });
  }

  async #ordered(
    call: Extract<ShimCall, { readonly kind: 'stream' | 'table' }>,
    event: unknown,
    context: LambdaContext,
  ): Promise<unknown> {
    // A batch that is repeated comes with a new request id, and with the same first record.
    const id = `${call.event.source} ${call.event.records[0]?.sequenceNumber ?? ''}`;
    const attempt = this.#attempts.begin(id);
    const answer = orderedAnswer(await this.#call(context, call, event, { attempt }));
    if (answer.batchItemFailures.length === 0) this.#attempts.end(id);
    return answer;
  }

  /** @returns what a Lambda handler answered, for the destination of the asynchronous calls. */
  async #push(
    call: PushCall,
    origin: Origin | undefined,
    event: unknown,
    context: LambdaContext,
  ): Promise<unknown> {
    let answer: unknown = null;
    const answered = (given: unknown): void => {
      answer = given;
    };
    await servePush(call, {
      context,
      origin,
      attempts: this.#attempts,
      run: (attempt) => this.#call(context, call, event, { attempt, answered }),
      warn: (message, thrown) => this.#report('warn', message, thrown, context.awsRequestId),
    });
    return answer;
  }

  /** @param event what AWS sent, for a handler that wants just that. */
  #call(
    context: LambdaContext,
    call: ShimCall,
    event: unknown,
    about: {
      readonly requestId?: string;
      readonly attempt?: number;
      readonly trace?: TraceContext | undefined;
      readonly answered?: (answer: unknown) => void;
    } = {},
  ): Promise<ShimReply> {
    const { answered } = about;
    const meta: CallMeta = {
      requestId: about.requestId ?? context.awsRequestId,
      attempt: about.attempt ?? 1,
      deadline: Date.now() + context.getRemainingTimeInMillis(),
      trace: about.trace ?? fromXRay(context.xRayTraceId ?? process.env['_X_AMZN_TRACE_ID']),
      ...(this.#handler.signature === 'aws-lambda' ? { native: { event, context, answered } } : {}),
    };
    return this.#start(context).call(call, meta);
  }

  #start(context: LambdaContext, byWarming = false): HandlerRuntime {
    if (this.#runtime === undefined) {
      const identity = identityOf(context, byWarming);
      // Lambda tells the time of the start with the first call, also where no call waited for it.
      if (identity.startedAhead) this.#sink.mark('ahead');
      this.#runtime = this.#handler.start(identity, this.#sink);
    }
    return this.#runtime;
  }

  #report(level: 'warn' | 'error', message: string, thrown: unknown, requestId: string): void {
    if (thrown === undefined) {
      this.#sink.write(level, message, undefined, { requestId });
      return;
    }
    const error = serializeError(thrown);
    const text = `${message}: ${error.name}: ${error.message}`;
    this.#sink.write(level, text, { error: jsonOf(error) }, { requestId });
  }
}

function rethrowTravelling(thrown: unknown): never {
  throw travelling(thrown);
}

function identityOf(
  context: LambdaContext,
  startedAhead: boolean,
): Parameters<BoundHandler['start']>[0] {
  const { env } = process;
  const type = env['AWS_LAMBDA_INITIALIZATION_TYPE'];
  return {
    app: env[ENV.app] ?? '',
    stage: env[ENV.stage] ?? '',
    functionName: env[ENV.function] ?? context.functionName,
    version: env['AWS_LAMBDA_FUNCTION_VERSION'] ?? '$LATEST',
    memoryMb: Number(env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']) || 0,
    // Only the first call tells, and it has used up a little of it.
    timeoutSeconds: Math.ceil(context.getRemainingTimeInMillis() / 1_000),
    provider: 'aws',
    region: env['AWS_REGION'] ?? context.invokedFunctionArn.split(':')[3] ?? '',
    instanceId: instanceIdOf(),
    startedAhead: startedAhead || (type !== undefined && type !== 'on-demand'),
  };
}

/** The log stream is the instance's own: `2026/11/20/[7]0123456789abcdef...`. */
function instanceIdOf(): string | undefined {
  return /\](\w+)$/.exec(process.env['AWS_LAMBDA_LOG_STREAM_NAME'] ?? '')?.[1];
}

function traceOfHeaders({ traceparent, tracestate }: TraceHeaders): TraceContext | undefined {
  return readTraceContext(traceparent, tracestate);
}

function topicCall(record: Fields): readonly [PushCall, Origin] {
  const event = topicMessage(record);
  const arn = textOf(fieldsOf(record['Sns'])['TopicArn']);
  return [
    { kind: 'topic', event },
    { kind: 'topic', name: event.source, arn },
  ];
}

function objectCall(record: Fields): readonly [PushCall, Origin] {
  const event = objectEvent(record);
  const { source, type, key } = event;
  return [
    { kind: 'object', event },
    { kind: 'object', name: source, type, key },
  ];
}

/** What EventBridge Scheduler sends to a target without an input of its own. */
function scheduledEvent(
  head: Extract<EnvelopeHead, { readonly kind: 'schedule' }>,
  data: unknown,
  context: LambdaContext,
): unknown {
  if (data !== null && data !== undefined) return data;
  return {
    version: '0',
    id: head.id,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account: accountOf(context),
    time: head.scheduledTime,
    region: process.env['AWS_REGION'] ?? '',
    resources: [],
    detail: '{}',
  };
}

function round(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
