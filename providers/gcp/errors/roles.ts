/** Which role has a permission that was missing. */

/** The longest beginning counts. Sources: "IAM basic and predefined roles reference". */
const ROLES: readonly (readonly [string, string])[] = [
  ['cloudfunctions.functions.setIamPolicy', 'roles/cloudfunctions.admin'],
  ['cloudfunctions.', 'roles/cloudfunctions.developer'],
  ['iam.serviceAccounts.actAs', 'roles/iam.serviceAccountUser'],
  ['iam.serviceAccounts.get', 'roles/iam.serviceAccountAdmin'],
  ['iam.serviceAccounts.getAccessToken', 'roles/iam.serviceAccountTokenCreator'],
  ['iam.serviceAccounts.getOpenIdToken', 'roles/iam.serviceAccountTokenCreator'],
  ['iam.serviceAccounts.implicitDelegation', 'roles/iam.serviceAccountTokenCreator'],
  ['iam.serviceAccounts.', 'roles/iam.serviceAccountAdmin'],
  ['run.routes.invoke', 'roles/run.invoker'],
  ['run.', 'roles/run.admin'],
  ['pubsub.', 'roles/pubsub.admin'],
  ['eventarc.events.receiveEvent', 'roles/eventarc.eventReceiver'],
  ['eventarc.', 'roles/eventarc.admin'],
  ['cloudscheduler.', 'roles/cloudscheduler.admin'],
  ['storage.', 'roles/storage.admin'],
  ['secretmanager.', 'roles/secretmanager.admin'],
  ['resourcemanager.projects.setIamPolicy', 'roles/resourcemanager.projectIamAdmin'],
  ['resourcemanager.projects.getIamPolicy', 'roles/resourcemanager.projectIamAdmin'],
  ['resourcemanager.projects.', 'roles/browser'],
  ['serviceusage.services.use', 'roles/serviceusage.serviceUsageConsumer'],
  ['serviceusage.', 'roles/serviceusage.serviceUsageAdmin'],
  ['cloudbuild.', 'roles/cloudbuild.builds.editor'],
  ['artifactregistry.', 'roles/artifactregistry.admin'],
  ['cloudkms.', 'roles/cloudkms.admin'],
  ['vpcaccess.', 'roles/vpcaccess.user'],
  ['datastore.', 'roles/datastore.viewer'],
  ['logging.', 'roles/logging.viewer'],
  ['monitoring.', 'roles/monitoring.viewer'],
];

/** `roles/run.admin` for `run.services.update`; undefined for a permission of no API that is used here. */
export function roleWith(permission: string): string | undefined {
  const lower = permission.toLowerCase();
  const [best] = ROLES.filter(([beginning]) => lower.startsWith(beginning.toLowerCase())).toSorted(
    ([a], [b]) => b.length - a.length,
  );
  return best?.[1];
}

/** `iam.serviceaccounts.actAs` in a message, in each of the ways in which Google writes it. */
export function permissionIn(message: string): string | undefined {
  const found =
    /permission\s+["'`]?([a-z]+\.[a-z]+\.[a-z]+)["'`]?/i.exec(message)?.[1] ??
    /does not have ([a-z]+\.[a-z]+\.[a-z]+) access/i.exec(message)?.[1] ??
    /["'`]([a-z]+\.[a-z]+\.[a-z]+)["'`] (?:permission )?denied/i.exec(message)?.[1];
  return found === undefined ? undefined : normalCase(found);
}

/** Cloud Functions writes it in lower case. */
function normalCase(permission: string): string {
  return permission.replace(/^iam\.serviceaccounts\.actas$/i, 'iam.serviceAccounts.actAs');
}
