/** Invoke, as it comes over the wire. */
import { requestId } from '../core/request-id.ts';
import type { RestInput, RestOutput, RestRoute } from '../core/rest.ts';
import { AwsFault } from '../core/service.ts';
import { eventFrame } from './event-stream.ts';
import { invalidParameter, tooLarge } from './faults.ts';
import { found, resource } from './functions.ts';
import { ASYNC_BYTES, invokeAsync, invokeSync, SYNC_BYTES, type Invocation } from './invoke.ts';
import type { LambdaState } from './state.ts';

/** In base64. */
const CLIENT_CONTEXT_BYTES = 3583;
const TYPES = ['RequestResponse', 'Event', 'DryRun'];

function invalidContent(message: string): AwsFault {
  return new AwsFault(400, 'InvalidRequestContentException', message, { fields: { Type: 'User' } });
}

function readPayload(input: RestInput, limit: number): string {
  if (input.raw.length > limit) throw tooLarge(limit, 'InvokeFunction');
  if (input.raw.length === 0) return '{}';
  const payload = input.raw.toString('utf8');
  try {
    JSON.parse(payload);
  } catch (error) {
    throw invalidContent(`Could not parse request body into json: ${String(error)}`);
  }
  return payload;
}

/** The id of the request is the one that the function sees. */
function readInvocation(
  input: RestInput,
  payload: string,
): Invocation & { readonly requestId: string } {
  const clientContext = input.headers['x-amz-client-context'];
  if (clientContext !== undefined) checkClientContext(clientContext);
  const traceHeader = input.headers['x-amzn-trace-id'];
  return {
    payload,
    requestId: requestId(),
    wantTail: input.headers['x-amz-log-type'] === 'Tail',
    ...(clientContext !== undefined && { clientContext }),
    ...(traceHeader !== undefined && { traceHeader }),
  };
}

function checkClientContext(encoded: string): void {
  if (encoded.length > CLIENT_CONTEXT_BYTES) {
    throw invalidContent(
      `Client context must be no more than ${CLIENT_CONTEXT_BYTES} bytes in base64.`,
    );
  }
  try {
    JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
  } catch {
    throw invalidContent('Client context must be a valid Base64-encoded JSON object.');
  }
}

async function invoke(state: LambdaState, input: RestInput): Promise<RestOutput> {
  const type = input.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (!TYPES.includes(type)) throw invalidParameter(`Unknown invocation type: ${type}`);
  const target = found(state, input);
  state.check(target);
  const payload = readPayload(input, type === 'Event' ? ASYNC_BYTES : SYNC_BYTES);
  const call = readInvocation(input, payload);
  const id = { 'x-amzn-requestid': call.requestId };
  if (type === 'DryRun') return { status: 204, headers: id };
  if (type === 'Event') {
    invokeAsync(state, target, call);
    return { status: 202, headers: id };
  }
  const outcome = await invokeSync(state, target, call);
  return {
    status: 200,
    headers: {
      ...id,
      'content-type': 'application/json',
      'x-amz-executed-version': outcome.executedVersion,
      ...(outcome.functionError && { 'x-amz-function-error': outcome.functionError }),
      ...(outcome.logTail !== undefined && { 'x-amz-log-result': base64(outcome.logTail) }),
    },
    body: outcome.payload ?? 'null',
  };
}

/** The whole answer is one chunk. */
async function invokeStreaming(state: LambdaState, input: RestInput): Promise<RestOutput> {
  const target = found(state, input);
  state.check(target);
  const call = readInvocation(input, readPayload(input, SYNC_BYTES));
  if (input.headers['x-amz-invocation-type'] === 'DryRun') return { status: 204 };
  const outcome = await invokeSync(state, target, call);
  const frames = outcome.functionError
    ? []
    : [eventFrame('PayloadChunk', 'application/octet-stream', Buffer.from(outcome.payload ?? ''))];
  const complete = {
    ...(outcome.functionError && {
      ErrorCode: outcome.functionError,
      ErrorDetails: outcome.payload ?? '',
    }),
    ...(outcome.logTail !== undefined && { LogResult: base64(outcome.logTail) }),
  };
  frames.push(
    eventFrame('InvokeComplete', 'application/json', Buffer.from(JSON.stringify(complete))),
  );
  return {
    headers: {
      'x-amzn-requestid': call.requestId,
      'content-type': 'application/vnd.amazon.eventstream',
      'x-amz-executed-version': outcome.executedVersion,
      'x-amzn-remapped-content-type': 'application/octet-stream',
    },
    body: Buffer.concat(frames),
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

export function invokeRoutes(state: LambdaState): readonly RestRoute[] {
  const permission = { action: 'lambda:InvokeFunction', resource: resource(state) };
  return [
    {
      method: 'POST',
      path: '/2015-03-31/functions/{name}/invocations',
      operation: 'Invoke',
      ...permission,
      run: (input) => invoke(state, input),
    },
    {
      method: 'POST',
      path: '/2021-11-15/functions/{name}/response-streaming-invocations',
      operation: 'InvokeWithResponseStream',
      ...permission,
      run: (input) => invokeStreaming(state, input),
    },
  ];
}
