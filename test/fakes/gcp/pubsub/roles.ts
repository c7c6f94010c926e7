/** Who may do what: the permissions that are asked for, and the roles that have them. */
import { GoogleFault } from '../core/fault.ts';
import type { Caller, World } from '../core/ports.ts';

const WRITERS = ['roles/pubsub.editor', 'roles/pubsub.admin', 'roles/editor', 'roles/owner'];
const READERS = ['roles/pubsub.viewer', 'roles/viewer', ...WRITERS];
const ADMINS = ['roles/pubsub.admin', 'roles/owner'];

/** https://cloud.google.com/pubsub/docs/access-control#permissions_and_roles */
export const HOLDERS = {
  'pubsub.topics.publish': ['roles/pubsub.publisher', ...WRITERS],
  'pubsub.topics.create': WRITERS,
  'pubsub.topics.get': READERS,
  'pubsub.topics.list': READERS,
  'pubsub.topics.update': WRITERS,
  'pubsub.topics.delete': WRITERS,
  'pubsub.topics.attachSubscription': ['roles/pubsub.subscriber', ...WRITERS],
  'pubsub.topics.getIamPolicy': ADMINS,
  'pubsub.topics.setIamPolicy': ADMINS,
  'pubsub.subscriptions.consume': ['roles/pubsub.subscriber', ...WRITERS],
  'pubsub.subscriptions.create': WRITERS,
  'pubsub.subscriptions.get': READERS,
  'pubsub.subscriptions.list': READERS,
  'pubsub.subscriptions.update': WRITERS,
  'pubsub.subscriptions.delete': WRITERS,
  'pubsub.subscriptions.getIamPolicy': ADMINS,
  'pubsub.subscriptions.setIamPolicy': ADMINS,
  // Projects in which Pub/Sub has been on for long have no `roles/pubsub.serviceAgent` that would do: it does not here.
  'iam.serviceAccounts.getOpenIdToken': [
    'roles/iam.serviceAccountTokenCreator',
    'roles/iam.serviceAccountOpenIdTokenCreator',
  ],
} as const;

export type Permission = keyof typeof HOLDERS;

export function isAllowed(
  world: World,
  caller: Caller,
  permission: Permission,
  resource: string,
): boolean {
  return world.policies.allows(caller, resource, HOLDERS[permission]);
}

export function demand(
  world: World,
  caller: Caller,
  permission: Permission,
  resource: string,
): void {
  if (isAllowed(world, caller, permission, resource)) return;
  throw new GoogleFault('PERMISSION_DENIED', 'User not authorized to perform this action.', {
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'IAM_PERMISSION_DENIED',
        domain: 'iam.googleapis.com',
        metadata: { permission, resource },
      },
    ],
  });
}

/** Pub/Sub itself, as it signs pushes and forwards what is given up. */
export function serviceAgent(world: World): Caller {
  const email = `service-${world.projectNumber}@gcp-sa-pubsub.iam.gserviceaccount.com`;
  return { kind: 'account', email };
}
