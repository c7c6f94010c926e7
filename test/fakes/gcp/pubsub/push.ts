/** One push of one message. https://cloud.google.com/pubsub/docs/push */
import { setTimeout } from 'node:timers/promises';
import type { PublishedMessage, World } from '../core/ports.ts';
import { publishedOf, viewOf, type Message } from './message.ts';
import { isAllowed, serviceAgent } from './roles.ts';
import type { PushSettings } from './settings.ts';

export interface PushRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Turns a message into a request, for subscriptions that are Eventarc's. */
export type PushForm = (message: PublishedMessage & { readonly messageId: string }) => PushRequest;

/** Statuses that acknowledge. */
const ACKNOWLEDGES = new Set([102, 200, 201, 202, 204]);
const SENDER = {
  accept: 'application/json',
  from: 'noreply@google.com',
  'user-agent': 'CloudPubSub-Google',
};

/** True when the endpoint acknowledged it. Never rejects. */
export async function push(
  world: World,
  subscription: string,
  {
    push: to,
    form,
    message,
    deliveryAttempt,
    waitMs,
  }: {
    readonly push: PushSettings;
    readonly form: PushForm | undefined;
    readonly message: Message;
    /** Undefined: is not told. */
    readonly deliveryAttempt: number | undefined;
    /** Of real time. */
    readonly waitMs: number;
  },
): Promise<boolean> {
  const request = form
    ? form({ ...publishedOf(message), messageId: message.messageId })
    : formed(subscription, to, message, deliveryAttempt);
  const token = await tokenOf(world, to);
  if (!token.isThere) return false;
  const waiting = new AbortController();
  try {
    const reply = await Promise.race([
      world.run.deliver(to.endpoint, {
        method: 'POST',
        headers: {
          ...SENDER,
          ...request.headers,
          ...(token.text !== undefined && { authorization: `Bearer ${token.text}` }),
        },
        body: request.body,
      }),
      setTimeout(waitMs, undefined, { signal: waiting.signal, ref: false }),
    ]);
    return reply?.fate === 'answered' && ACKNOWLEDGES.has(reply.status);
  } catch {
    return false;
  } finally {
    waiting.abort();
  }
}

/** Pub/Sub signs as the account only when it may make tokens for it, and when the account is still there. */
async function tokenOf(
  world: World,
  { token }: PushSettings,
): Promise<{ readonly isThere: boolean; readonly text?: string }> {
  if (token === undefined) return { isThere: true };
  const { serviceAccount, audience } = token;
  const account = `projects/${world.projectId}/serviceAccounts/${serviceAccount}`;
  const permission = 'iam.serviceAccounts.getOpenIdToken';
  const isThere =
    isAllowed(world, serviceAgent(world), permission, account) &&
    world.identity.accountExists(serviceAccount);
  if (!isThere) return { isThere };
  return { isThere, text: await world.identity.idToken(serviceAccount, audience) };
}

function formed(
  subscription: string,
  { unwrapped }: PushSettings,
  message: Message,
  deliveryAttempt: number | undefined,
): PushRequest {
  if (unwrapped) return bare(subscription, message, unwrapped.writesMetadata);
  const { messageId, publishTime, ...rest } = viewOf(message);
  const body = {
    ...(deliveryAttempt !== undefined && { deliveryAttempt }),
    message: {
      ...rest,
      messageId,
      message_id: messageId,
      publishTime,
      publish_time: publishTime,
    },
    subscription,
  };
  return {
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** https://cloud.google.com/pubsub/docs/payload-unwrapping */
function bare(subscription: string, message: Message, writesMetadata: boolean): PushRequest {
  const { data: body, attributes, messageId, publishedMs, orderingKey } = message;
  if (!writesMetadata) return { headers: {}, body };
  return {
    headers: {
      ...attributes,
      'x-goog-pubsub-subscription-name': subscription,
      'x-goog-pubsub-message-id': messageId,
      'x-goog-pubsub-publish-time': new Date(publishedMs).toISOString(),
      ...(orderingKey !== '' && { 'x-goog-pubsub-ordering-key': orderingKey }),
    },
    body,
  };
}
