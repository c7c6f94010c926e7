/** The second argument of a Lambda handler. */
import type { FunctionContext } from '../../context.ts';
import { parseTraceparent } from '../../trace.ts';
import { arn } from './arn.ts';

/** Answers a call: with an error, or with a result. */
export type LambdaCallback = (error?: unknown, result?: unknown) => void;

/** As the Node runtime of AWS makes it. */
export interface LambdaContext {
  /** Has no effect: the reply is sent as soon as there is one. */
  callbackWaitsForEmptyEventLoop: boolean;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly awsRequestId: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly xRayTraceId?: string;
  getRemainingTimeInMillis(): number;
  /** The three that came before the callback, of Node 0.10. */
  done(error?: unknown, result?: unknown): void;
  fail(error?: unknown): void;
  succeed(result?: unknown): void;
}

/** Plain properties, not getters: handlers copy and print this object. */
export function lambdaContext(context: FunctionContext, callback: LambdaCallback): LambdaContext {
  const { functionName, version, region, deadline, trace, instanceId } = context;
  const xRayTraceId = trace === undefined ? undefined : xRayOf(trace.traceparent);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: version,
    invokedFunctionArn: arn('lambda', region, `function:${functionName}`),
    memoryLimitInMB: String(context.memoryMb),
    awsRequestId: context.requestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: `[${version}]${instanceId.replaceAll('-', '')}`,
    ...(xRayTraceId === undefined ? {} : { xRayTraceId }),
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: callback,
    // Also without a reason it is a failure.
    fail: (error) => callback(error ?? new Error('The handler called context.fail().')),
    succeed: (result) => callback(null, result),
  };
}

/** X-Ray's spelling of a trace id has the first 8 characters apart. */
function xRayOf(traceparent: string): string | undefined {
  const trace = parseTraceparent(traceparent);
  if (trace === undefined) return undefined;
  const root = `1-${trace.traceId.slice(0, 8)}-${trace.traceId.slice(8)}`;
  return `Root=${root};Parent=${trace.spanId};Sampled=${trace.sampled ? 1 : 0}`;
}
