import { MESSAGE_MARK, type MessageEnvelope } from 'polyfaas/function';
import {
  type CallContext,
  type FunctionRef,
  type InvokeRequest,
  ServerlessError,
} from 'polyfaas/spi';
import { AzureError } from '../arm/error.ts';
import type { AzureClients } from '../clients/index.ts';
import { ASYNC_QUEUE } from '../manifest.ts';
import type { KnownFunction } from './known-functions.ts';

/** The version of the storage service's REST API. */
const STORAGE_VERSION = '2021-12-02';

/**
 * Puts an asynchronous invocation into the function's own queue. It is accepted once this resolves, also while the
 * function's host sleeps or restarts.
 *
 * @throws AzureError when the queue does not take it; ServerlessError UNAVAILABLE when the function app does not tell of
 * its queues.
 */
export async function enqueue(
  azure: AzureClients,
  ref: FunctionRef,
  { queueEndpoint }: Pick<KnownFunction, 'queueEndpoint'>,
  { input, requestId, trace }: InvokeRequest,
  { clock, signal }: CallContext,
): Promise<void> {
  if (queueEndpoint === '') {
    throw new ServerlessError({
      code: 'UNAVAILABLE',
      retryable: false,
      provider: 'azure',
      function: ref.name,
      message: `"${ref.name}" has no queue for asynchronous calls: the app setting AzureWebJobsStorage__queueServiceUri is missing. Deploy it with drift: 'full', which sets it again.`,
    });
  }
  const now = new Date(clock.now());
  const envelope: MessageEnvelope = {
    [MESSAGE_MARK]: { id: requestId, requestId, sentAt: now.toISOString(), ...trace },
    data: input,
  };
  const text = Buffer.from(JSON.stringify(envelope)).toString('base64');
  const token = await azure.token('storage', signal);
  const { status, text: said } = await azure.http({
    method: 'POST',
    url: `${queueEndpoint}/${ASYNC_QUEUE}/messages?messagettl=-1`,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/xml',
      'x-ms-version': STORAGE_VERSION,
      'x-ms-date': now.toUTCString(),
    },
    body: `<QueueMessage><MessageText>${text}</MessageText></QueueMessage>`,
    signal,
  });
  if (status < 300) return;
  const code = /<Code>([^<]+)<\/Code>/.exec(said)?.[1] ?? '';
  const message = /<Message>([^<\n]+)/.exec(said)?.[1] ?? `status ${status}`;
  const remedy =
    status === 404 ? " Deploy the function with drift: 'full', which makes the queue again." : '';
  throw new AzureError(
    status,
    code,
    `The queue "${ASYNC_QUEUE}" did not take the call: ${message}${remedy}`,
  );
}
