/** The second argument of a Lambda handler. */
import type { FunctionContext } from '../../context.ts';
import { parseTraceparent } from '../../trace.ts';
import { arn } from './arn.ts';

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
}

/** Plain properties, not getters: handlers copy and print this object. */
export function lambdaContext(context: FunctionContext): LambdaContext {
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
  };
}

/** X-Ray's spelling of a trace id has the first 8 characters apart. */
function xRayOf(traceparent: string): string | undefined {
  const trace = parseTraceparent(traceparent);
  if (trace === undefined) return undefined;
  const root = `1-${trace.traceId.slice(0, 8)}-${trace.traceId.slice(8)}`;
  return `Root=${root};Parent=${trace.spanId};Sampled=${trace.sampled ? 1 : 0}`;
}
