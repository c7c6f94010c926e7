/** Who may do what. https://cloud.google.com/storage/docs/access-control/iam-roles */
import type { Caller, World } from '../core/ports.ts';
import { resourceOf } from './bucket.ts';
import { forbidden } from './faults.ts';

const ADMINS = ['roles/storage.admin', 'roles/owner', 'roles/editor'];
const WRITERS = ['roles/storage.objectUser', 'roles/storage.objectAdmin', ...ADMINS];

const HOLDERS = {
  'storage.buckets.create': ADMINS,
  'storage.buckets.delete': ADMINS,
  'storage.buckets.get': ['roles/storage.bucketViewer', 'roles/viewer', ...ADMINS],
  'storage.buckets.list': ['roles/storage.bucketViewer', 'roles/viewer', ...ADMINS],
  'storage.buckets.update': ADMINS,
  'storage.buckets.getIamPolicy': ADMINS,
  'storage.buckets.setIamPolicy': ADMINS,
  'storage.objects.get': ['roles/storage.objectViewer', ...WRITERS],
  'storage.objects.list': ['roles/storage.objectViewer', ...WRITERS],
  'storage.objects.create': ['roles/storage.objectCreator', ...WRITERS],
  'storage.objects.delete': WRITERS,
} as const;

/** Roles that may publish to a topic. */
const PUBLISHERS = [
  'roles/pubsub.publisher',
  'roles/pubsub.editor',
  'roles/pubsub.admin',
  'roles/editor',
  'roles/owner',
];

export type Permission = keyof typeof HOLDERS;

export function demand(world: World, caller: Caller, permission: Permission, bucket: string): void {
  if (world.policies.allows(caller, resourceOf(bucket), HOLDERS[permission])) return;
  const kind = permission.startsWith('storage.objects') ? 'object' : 'bucket';
  throw forbidden(
    `${caller.email} does not have ${permission} access to the Google Cloud Storage ${kind}. Permission '${permission}' denied on resource (or it may not exist).`,
  );
}

/** Cloud Storage itself, as it publishes what happens. */
export function serviceAgent({ projectNumber }: World): string {
  return `service-${projectNumber}@gs-project-accounts.iam.gserviceaccount.com`;
}

/** @param topic full name */
export function mayPublish(world: World, topic: string): boolean {
  const agent: Caller = { kind: 'account', email: serviceAgent(world) };
  return world.pubsub.topicExists(topic) && world.policies.allows(agent, topic, PUBLISHERS);
}
