/** What the runtime of Lambda passes beside the event: the part that the shim reads. */
export interface LambdaContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly invokedFunctionArn: string;
  readonly xRayTraceId?: string | undefined;
  getRemainingTimeInMillis(): number;
}

/** The same context with another request id, for a call that carries one of ours. */
export function withRequestId(context: LambdaContext, requestId: string): LambdaContext {
  // Descriptors, not values: reading the context's deprecated members throws.
  const own = Object.getOwnPropertyDescriptors(context);
  const copy: unknown = Object.create(Object.getPrototypeOf(context), {
    ...own,
    awsRequestId: { value: requestId, enumerable: true, configurable: true, writable: true },
  });
  return isContext(copy) ? copy : context;
}

function isContext(value: unknown): value is LambdaContext {
  return typeof value === 'object' && value !== null && 'awsRequestId' in value;
}

/** `arn:aws:lambda:REGION:ACCOUNT:function:NAME`, without a version or an alias. */
export function functionArn(context: LambdaContext): string {
  return context.invokedFunctionArn.split(':').slice(0, 7).join(':');
}

export function accountOf(context: LambdaContext): string {
  return context.invokedFunctionArn.split(':')[4] ?? '';
}
