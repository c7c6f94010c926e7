/** Asynchronous invocations: a message in the function's own topic. */
import type { CallContext, InvokeRequest } from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { ATTRIBUTE } from '../manifest.ts';

/** @param topic short name. */
export async function publishCall(
  gcp: GcpClients,
  topic: string,
  { input, requestId, trace }: InvokeRequest,
  { clock, signal }: CallContext,
): Promise<void> {
  await gcp.rest({
    api: 'pubsub',
    method: 'POST',
    path: `/v1/projects/${await gcp.projectId(signal)}/topics/${topic}:publish`,
    body: {
      messages: [
        {
          data: Buffer.from(JSON.stringify({ input })).toString('base64'),
          attributes: {
            [ATTRIBUTE.requestId]: requestId,
            [ATTRIBUTE.sentAt]: new Date(clock.now()).toISOString(),
            ...(trace === undefined ? {} : { [ATTRIBUTE.traceparent]: trace.traceparent }),
            ...(trace?.tracestate === undefined
              ? {}
              : { [ATTRIBUTE.tracestate]: trace.tracestate }),
          },
        },
      ],
    },
    signal,
  });
}
