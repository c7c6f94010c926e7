/** What answers at a function URL. */
import { createHash } from 'node:crypto';
import { AwsFault } from '../core/service.ts';
import { preflight, withCors } from './http/cors.ts';
import { edgeMessage, type EdgeReply, type EdgeRequest } from './http/edge.ts';
import { httpEvent } from './http/event.ts';
import { readReply } from './http/reply.ts';
import { invokeSync } from './invoke.ts';
import { urlMayInvoke } from './policy.ts';
import type { FunctionState, LambdaState } from './state.ts';

const FAILED = edgeMessage(502, 'Internal Server Error');

/** Answers one request to the URL of a qualifier. */
export async function answerUrl(
  state: LambdaState,
  fn: FunctionState,
  qualifier: string | undefined,
  request: EdgeRequest,
): Promise<EdgeReply> {
  const url = fn.urls.get(qualifier ?? '');
  if (!url || state.functions.get(fn.name) !== fn) return edgeMessage(404, 'Not Found');
  const { cors } = url;
  const early = cors && preflight(cors, request);
  if (early) return early;
  const reply = await pass(state, fn, qualifier, request, url.authType);
  return cors ? withCors(cors, request, reply) : reply;
}

async function pass(
  state: LambdaState,
  fn: FunctionState,
  qualifier: string | undefined,
  request: EdgeRequest,
  authType: string,
): Promise<EdgeReply> {
  // Signatures are not checked here, so a URL that wants one lets nobody in.
  if (authType !== 'NONE' || !urlMayInvoke(fn, qualifier)) {
    return edgeMessage(
      403,
      'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html',
      [['x-amzn-errortype', 'AccessDeniedException']],
      'Message',
    );
  }
  const event = httpEvent(request, {
    now: state.now(),
    accountId: 'anonymous',
    apiId: createHash('sha256')
      .update(fn.arn + (qualifier ?? ''))
      .digest('hex')
      .slice(0, 32),
    routeKey: '$default',
    stage: '$default',
    path: request.rawPath,
  });
  try {
    const found = { fn, ...(qualifier !== undefined && { qualifier }) };
    state.settle(fn);
    const outcome = await invokeSync(state, found, { payload: JSON.stringify(event) });
    return (outcome.functionError ? undefined : readReply(outcome.payload)) ?? FAILED;
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    if (error.status === 413) return edgeMessage(413, 'Request Entity Too Large');
    if (error.status === 429) return edgeMessage(429, 'Rate Exceeded.', [], 'Message');
    return FAILED;
  }
}
