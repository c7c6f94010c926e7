/** The APIs: what they are called, and by which host. */
import type { ApiName } from './ports.ts';

const APIS: Readonly<Record<ApiName, { readonly host: string; readonly title: string }>> = {
  functions: { host: 'cloudfunctions', title: 'Cloud Functions API' },
  run: { host: 'run', title: 'Cloud Run Admin API' },
  pubsub: { host: 'pubsub', title: 'Cloud Pub/Sub API' },
  eventarc: { host: 'eventarc', title: 'Eventarc API' },
  scheduler: { host: 'cloudscheduler', title: 'Cloud Scheduler API' },
  storage: { host: 'storage', title: 'Google Cloud Storage JSON API' },
  secretmanager: { host: 'secretmanager', title: 'Secret Manager API' },
  iam: { host: 'iam', title: 'Identity and Access Management (IAM) API' },
  iamcredentials: { host: 'iamcredentials', title: 'IAM Service Account Credentials API' },
  cloudresourcemanager: { host: 'cloudresourcemanager', title: 'Cloud Resource Manager API' },
  logging: { host: 'logging', title: 'Cloud Logging API' },
  monitoring: { host: 'monitoring', title: 'Cloud Monitoring API' },
  firestore: { host: 'firestore', title: 'Cloud Firestore API' },
};

export function isApi(name: string): name is ApiName {
  return Object.hasOwn(APIS, name);
}

export const API_NAMES: readonly ApiName[] = Object.keys(APIS).filter((name) => isApi(name));

/** `cloudfunctions.googleapis.com` */
export function hostOf(api: ApiName): string {
  return `${APIS[api].host}.googleapis.com`;
}

/** `Cloud Functions API` */
export function titleOf(api: ApiName): string {
  return APIS[api].title;
}
