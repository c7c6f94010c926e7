/** Notifications of buckets. They have numbers for names, and are told apart by their topic. */
import { sameJson, type CallContext, type JsonObject } from 'polyfaas/spi';
import type { GcpClients } from '../../clients/index.ts';
import { listAt, objectAt, textAt, textsAt } from '../../clients/json.ts';
import { ATTRIBUTE } from '../../manifest.ts';
import { refuseLate } from '../../execute/secret.ts';
import type { Executor } from '../../model.ts';
import { inputOf } from '../../step-input.ts';
import type { Claim } from '../../steps.ts';
import { ROLE, storageAgent } from '../grants/need.ts';
import { grantAll } from '../grants/policy.ts';
import { read, refusal, send, unlessMissing } from '../rest.ts';
import { done, type Where } from '../steps.ts';
import type { NotificationWish } from './plan.ts';

const PAYLOAD_FORMAT = 'JSON_API_V1';

/**
 * Makes the notification of a binding, once, and takes away those of its topic that say something else: nothing of a
 * notification can be changed. The new one stands first.
 */
export const putNotification: Executor = async (gcp, step, call) => {
  const { target, notification, held } = inputOf<{
    readonly target: Where;
    readonly notification: NotificationWish;
    readonly held?: Claim;
  }>(step);
  const { bucket, topic } = notification;
  const member = await agentOf(gcp, target, bucket, call);
  await grantAll({ gcp, target, call }, [{ resource: topic, role: ROLE.publisher, member }]);
  const present = (await notificationsOf(gcp, { bucket, topic }, call)) ?? [];
  const right = present.find((one) => isAsWished(notification, one));
  await refuseLate(gcp, held, call);
  if (right === undefined) {
    const path = collectionOf(bucket);
    const body = {
      topic: `//pubsub.googleapis.com/${topic}`,
      payload_format: PAYLOAD_FORMAT,
      event_types: notification.eventTypes,
      ...(notification.prefix === '' ? {} : { object_name_prefix: notification.prefix }),
      custom_attributes: { [ATTRIBUTE.function]: target.ref.name },
    };
    await send(gcp, { api: 'storage', method: 'POST', path, body }, call);
    // Cloud Storage makes a second one of the same, for two who looked at the same moment.
    await removeDoubles(gcp, notification, call);
  }
  await removeEach(
    gcp,
    bucket,
    present.filter((one) => one !== right),
    call,
  );
  return done();
};

/** Deletes what a bucket tells a topic. A bucket that is gone tells nothing. */
export async function removeNotifications(
  gcp: GcpClients,
  place: Pick<NotificationWish, 'bucket' | 'topic'>,
  call: CallContext,
): Promise<void> {
  await removeEach(gcp, place.bucket, (await notificationsOf(gcp, place, call)) ?? [], call);
}

/**
 * Leaves one of each that a bucket sends to a topic, where two operations that met made the same: the older one, which is
 * that of whoever was faster. Which of two that differ is right, only the record tells.
 */
export async function removeDoubles(
  gcp: GcpClients,
  place: Pick<NotificationWish, 'bucket' | 'topic'>,
  call: CallContext,
): Promise<void> {
  const present = (await notificationsOf(gcp, place, call)) ?? [];
  const numberOf = (one: JsonObject): number => Number(textAt(one, 'id'));
  const sorted = present.toSorted((a, b) => numberOf(a) - numberOf(b));
  const later = sorted.filter((one, index) => sorted.slice(0, index).some((a) => isTwin(a, one)));
  await removeEach(gcp, place.bucket, later, call);
}

function isTwin(one: JsonObject, other: JsonObject): boolean {
  const typesOf = (found: JsonObject) => listAt(found, 'event_types').map(String).toSorted();
  return (
    sameJson(typesOf(one), typesOf(other)) &&
    ['object_name_prefix', 'payload_format'].every(
      (field) => (textAt(one, field) ?? '') === (textAt(other, field) ?? ''),
    ) &&
    sameJson(textsAt(one, 'custom_attributes'), textsAt(other, 'custom_attributes'))
  );
}

/** Of the bucket's own project, which need not be the function's. To ask for it makes it, where it was never needed. */
async function agentOf(
  gcp: GcpClients,
  target: Where,
  bucket: string,
  call: CallContext,
): Promise<string> {
  const found = await read(
    gcp,
    { api: 'storage', path: `/storage/v1/b/${encodeURIComponent(bucket)}` },
    call,
  );
  if (found === undefined) {
    throw refusal(
      target,
      'INVALID_ARGUMENT',
      `There is no bucket "${bucket}" any more. Make it again, or take the event away:\ngcloud storage buckets create gs://${bucket} --location=${target.location}`,
    );
  }
  const project =
    textAt(found, 'projectNumber') ??
    (target.projectNumber || (await gcp.projectNumber(call.signal)));
  const path = `/storage/v1/projects/${project}/serviceAccount`;
  const email = textAt(await read(gcp, { api: 'storage', path }, call), 'email_address');
  return email === undefined ? storageAgent(project) : `serviceAccount:${email}`;
}

/** What a bucket tells a topic. Undefined where there is no such bucket. */
export async function notificationsOf(
  gcp: GcpClients,
  { bucket, topic }: Pick<NotificationWish, 'bucket' | 'topic'>,
  call: CallContext,
): Promise<readonly JsonObject[] | undefined> {
  const found = await read(gcp, { api: 'storage', path: collectionOf(bucket) }, call);
  return found === undefined
    ? undefined
    : listAt(found, 'items')
        .map((one) => objectAt(one))
        .filter((one) => (textAt(one, 'topic') ?? '').endsWith(`/${topic}`));
}

async function removeEach(
  gcp: GcpClients,
  bucket: string,
  notifications: readonly JsonObject[],
  call: CallContext,
): Promise<void> {
  for (const one of notifications) {
    const path = `${collectionOf(bucket)}/${encodeURIComponent(textAt(one, 'id') ?? '')}`;
    await unlessMissing(send(gcp, { api: 'storage', method: 'DELETE', path }, call));
  }
}

function isAsWished({ eventTypes, prefix }: NotificationWish, found: JsonObject): boolean {
  const types = listAt(found, 'event_types').map(String).toSorted();
  return (
    sameJson(types, [...eventTypes].toSorted()) &&
    (textAt(found, 'object_name_prefix') ?? '') === prefix &&
    textAt(found, 'payload_format') === PAYLOAD_FORMAT &&
    textsAt(found, 'custom_attributes')[ATTRIBUTE.function] !== undefined
  );
}

function collectionOf(bucket: string): string {
  return `/storage/v1/b/${encodeURIComponent(bucket)}/notificationConfigs`;
}
