/** Makes push subscriptions, and brings those that are there into line. */
import type { CallContext, JsonObject } from 'polyfaas/spi';
import type { GcpClients } from '../../clients/index.ts';
import { at, numberAt, objectAt, textAt, textsAt } from '../../clients/json.ts';
import { isOwnedBy } from '../../labels.ts';
import { refuseLate } from '../../execute/secret.ts';
import type { Executor } from '../../model.ts';
import { inputOf } from '../../step-input.ts';
import type { Claim } from '../../steps.ts';
import { grantAll } from '../grants/policy.ts';
import { pubsubAgent, ROLE } from '../grants/need.ts';
import { pathOf } from '../names.ts';
import { isStatus, read, refusal, send, unlessMissing } from '../rest.ts';
import { done, type Where } from '../steps.ts';
import { again } from '../turn.ts';
import { refuseOtherConsumer } from './consumers.ts';
import type { PushWish, SubscriptionWish } from './plan.ts';

/** The URL is known by now. */
type KnownWish = Omit<SubscriptionWish, 'push'> & {
  readonly push: (Omit<PushWish, 'url'> & { readonly url: string }) | null;
};

interface Parts {
  readonly target: Where;
  readonly wish: KnownWish;
  readonly held: Claim | undefined;
}

/** As long as Pub/Sub keeps messages that nobody acknowledges by default: 7 days. */
const RETENTION = '604800s';

export const putSubscription: Executor = async (gcp, step, call) => {
  const { target, subscription, held } = inputOf<{
    readonly target: Where;
    readonly subscription: KnownWish;
    readonly held?: Claim;
  }>(step);
  const isPut = await put(gcp, { target, wish: subscription, held }, call);
  if (!isPut) return again(call, 'looking at the subscription once more');
  await grantAll({ gcp, target, call }, [
    { resource: subscription.name, role: ROLE.subscriber, member: pubsubAgent(target) },
  ]);
  return done();
};

/** False when somebody else was faster, and it has to be looked at. */
async function put(
  gcp: GcpClients,
  { target, wish, held }: Parts,
  call: CallContext,
): Promise<boolean> {
  const request = { api: 'pubsub', path: `/v1/${pathOf(wish.name)}` } as const;
  const found = await read(gcp, request, call);
  if (found !== undefined) {
    refuseStranger(target, wish, found);
    // What belonged to a topic that is gone gets nothing of the one that has its name now.
    if (textAt(found, 'topic') === wish.topic) {
      await patch(gcp, { wish, held }, found, call);
      return true;
    }
    await refuseLate(gcp, held, call);
    await unlessMissing(send(gcp, { ...request, method: 'DELETE' }, call));
  }
  if (wish.queueField !== null) {
    const queue = { topic: wish.topic, consumer: wish.name, field: wish.queueField };
    await refuseOtherConsumer(gcp, target, queue, call);
  }
  const body = {
    topic: wish.topic,
    messageRetentionDuration: RETENTION,
    enableMessageOrdering: wish.ordered,
    ...(wish.filter === '' ? {} : { filter: wish.filter }),
    ...changeable(wish),
  };
  await refuseLate(gcp, held, call);
  try {
    await send(gcp, { ...request, method: 'PUT', body }, call);
    return true;
  } catch (error) {
    if (isStatus(error, 409)) return false;
    throw error;
  }
}

/** Changes what differs. */
async function patch(
  gcp: GcpClients,
  { wish, held }: Omit<Parts, 'target'>,
  found: JsonObject,
  call: CallContext,
): Promise<void> {
  const wanted = changeable(wish);
  const fields = FIELDS.filter((field) => !SAME[field](wish, found));
  await refuseLate(gcp, held, call);
  if (fields.length === 0) return;
  const subscription = Object.fromEntries(fields.map((field) => [field, wanted[field]]));
  const body = {
    subscription: { ...subscription, name: wish.name },
    updateMask: fields.join(','),
  };
  const path = `/v1/${pathOf(wish.name)}`;
  await send(gcp, { api: 'pubsub', method: 'PATCH', path, body }, call);
}

/** What may be changed in place. */
function changeable({ labels, push, ackDeadlineSeconds, backoff, deadLetter }: KnownWish) {
  return {
    labels,
    // Without an endpoint messages wait for one.
    pushConfig:
      push === null
        ? {}
        : {
            pushEndpoint: endpointOf(push),
            oidcToken: { serviceAccountEmail: push.serviceAccount, audience: push.url },
          },
    ackDeadlineSeconds,
    retryPolicy: {
      minimumBackoff: `${backoff.minimumSeconds}s`,
      maximumBackoff: `${backoff.maximumSeconds}s`,
    },
    deadLetterPolicy: {
      deadLetterTopic: deadLetter.topic,
      maxDeliveryAttempts: deadLetter.maxDeliveryAttempts,
    },
    // Without a time to live it never ends, however long nothing comes.
    expirationPolicy: {},
  };
}

type Field = keyof ReturnType<typeof changeable>;

const FIELDS: readonly Field[] = [
  'labels',
  'pushConfig',
  'ackDeadlineSeconds',
  'retryPolicy',
  'deadLetterPolicy',
  'expirationPolicy',
];

/** What the service adds by itself is no difference. */
const SAME: Readonly<Record<Field, (wish: KnownWish, found: JsonObject) => boolean>> = {
  labels: ({ labels }, found) => {
    const present = textsAt(found, 'labels');
    return Object.entries(labels).every(([key, value]) => present[key] === value);
  },
  pushConfig({ push }, found) {
    const config = objectAt(found, 'pushConfig');
    const endpoint = textAt(config, 'pushEndpoint') ?? '';
    if (push === null) return endpoint === '';
    const token = objectAt(config, 'oidcToken');
    return (
      endpoint === endpointOf(push) &&
      textAt(token, 'serviceAccountEmail') === push.serviceAccount &&
      textAt(token, 'audience') === push.url
    );
  },
  ackDeadlineSeconds: ({ ackDeadlineSeconds }, found) =>
    numberAt(found, 'ackDeadlineSeconds') === ackDeadlineSeconds,
  retryPolicy: ({ backoff }, found) =>
    secondsAt(found, 'minimumBackoff') === backoff.minimumSeconds &&
    secondsAt(found, 'maximumBackoff') === backoff.maximumSeconds,
  deadLetterPolicy({ deadLetter }, found) {
    const policy = objectAt(found, 'deadLetterPolicy');
    return (
      textAt(policy, 'deadLetterTopic') === deadLetter.topic &&
      numberAt(policy, 'maxDeliveryAttempts') === deadLetter.maxDeliveryAttempts
    );
  },
  expirationPolicy: (_, found) =>
    at(found, 'expirationPolicy') !== undefined &&
    at(found, 'expirationPolicy', 'ttl') === undefined,
};

function secondsAt(found: JsonObject, field: string): number {
  return Number.parseFloat(textAt(found, 'retryPolicy', field) ?? '0');
}

function endpointOf({ url, path }: { readonly url: string; readonly path: string }): string {
  return `${url}${path}`;
}

function refuseStranger(target: Where, { name }: KnownWish, found: JsonObject): void {
  if (isOwnedBy(target.ref, textsAt(found, 'labels'))) return;
  throw refusal(
    target,
    'ALREADY_EXISTS',
    `The subscription ${name} is there, and does not belong to this function. Delete it, or give the event another id.`,
  );
}
