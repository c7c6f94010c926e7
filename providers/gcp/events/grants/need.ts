/** What must be allowed on which resource, so that deliveries come and dead letters go. */
import type { GcpClients } from '../../clients/index.ts';
import type { Target } from '../../model.ts';

/** Predefined roles (IAM, "Roles and permissions"). */
export const ROLE = {
  publisher: 'roles/pubsub.publisher',
  subscriber: 'roles/pubsub.subscriber',
  tokenCreator: 'roles/iam.serviceAccountTokenCreator',
  eventReceiver: 'roles/eventarc.eventReceiver',
  secretAccessor: 'roles/secretmanager.secretAccessor',
} as const;

/** One role of one member on one resource. JSON. */
export interface GrantNeed {
  /**
   * `projects/p/topics/t`, `projects/p/subscriptions/s`, `projects/p/serviceAccounts/EMAIL`, `projects/p/secrets/s`,
   * `projects/p`
   */
  readonly resource: string;
  readonly role: string;
  /** `serviceAccount:EMAIL` */
  readonly member: string;
}

/** The function's own service account, or the user's. */
export function memberOf({ serviceAccount }: Pick<Target, 'serviceAccount'>): string {
  return `serviceAccount:${serviceAccount}`;
}

/** Pub/Sub, as it pushes, and puts aside what is given up ("Handle message failures", "Authentication for push"). */
export function pubsubAgent({
  projectId,
  projectNumber,
}: Pick<Target, 'projectId' | 'projectNumber'>): string {
  // The number of a project that nothing was read of yet is asked for where it is needed.
  const number = projectNumber === '' ? `{number of ${projectId}}` : projectNumber;
  return `serviceAccount:service-${number}@gcp-sa-pubsub.iam.gserviceaccount.com`;
}

const NUMBER_OF = /\{number of ([^}]+)\}/;

/** The need, with the number of the project where the planner did not know it. */
export async function numbered(
  gcp: Pick<GcpClients, 'projectNumber'>,
  need: GrantNeed,
  signal: AbortSignal,
): Promise<GrantNeed> {
  if (!NUMBER_OF.test(need.member)) return need;
  return { ...need, member: need.member.replace(NUMBER_OF, await gcp.projectNumber(signal)) };
}

/** Cloud Storage, as it notifies of a bucket's objects: that of the bucket's project. */
export function storageAgent(projectNumber: string): string {
  return `serviceAccount:service-${projectNumber}@gs-project-accounts.iam.gserviceaccount.com`;
}

/** As the record notes it. */
export function grantKey({ resource, role, member }: GrantNeed): string {
  return `${resource}#${role}#${member}`;
}

export function parseGrantKey(key: string): GrantNeed | undefined {
  const [resource, role, member, ...more] = key.split('#');
  if (resource === undefined || role === undefined || member === undefined) return undefined;
  return more.length > 0 ? undefined : { resource, role, member };
}

/** The command that grants it. */
export function grantCommand({ resource, role, member }: GrantNeed): string {
  const [, project = '', collection, name = ''] = resource.split('/');
  const who = member.replace(
    NUMBER_OF,
    (_, id: string) => `$(gcloud projects describe ${id} --format='value(projectNumber)')`,
  );
  const what = `--member="${who}" --role="${role}"`;
  switch (collection) {
    case 'topics':
    case 'subscriptions':
      return `gcloud pubsub ${collection} add-iam-policy-binding ${resource} ${what}`;
    case 'secrets':
      return `gcloud secrets add-iam-policy-binding ${name} --project=${project} ${what}`;
    case 'serviceAccounts':
      return `gcloud iam service-accounts add-iam-policy-binding ${name} --project=${project} ${what}`;
    default:
      break;
  }
  return `gcloud projects add-iam-policy-binding ${project} ${what} --condition=None`;
}

/** The command that takes it back. */
export function revokeCommand(need: GrantNeed): string {
  return grantCommand(need).replace(' add-iam-policy-binding ', ' remove-iam-policy-binding ');
}
