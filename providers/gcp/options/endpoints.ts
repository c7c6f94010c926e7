/** Where Google's APIs answer. */
import type { ApiName } from '../clients/index.ts';

/** Google's own addresses. */
export const ENDPOINTS: Readonly<Record<ApiName, string>> = {
  functions: 'https://cloudfunctions.googleapis.com',
  run: 'https://run.googleapis.com',
  pubsub: 'https://pubsub.googleapis.com',
  eventarc: 'https://eventarc.googleapis.com',
  scheduler: 'https://cloudscheduler.googleapis.com',
  storage: 'https://storage.googleapis.com',
  secretmanager: 'https://secretmanager.googleapis.com',
  iam: 'https://iam.googleapis.com',
  iamcredentials: 'https://iamcredentials.googleapis.com',
  cloudresourcemanager: 'https://cloudresourcemanager.googleapis.com',
  logging: 'https://logging.googleapis.com',
  monitoring: 'https://monitoring.googleapis.com',
  firestore: 'https://firestore.googleapis.com',
};

/** Google's public keys for ID tokens. */
export const CERTIFICATES = 'https://www.googleapis.com/oauth2/v3/certs';

/** The names that addresses can be given for. */
export const ENDPOINT_NAMES = [
  'functions',
  'run',
  'pubsub',
  'eventarc',
  'scheduler',
  'storage',
  'secretmanager',
  'iam',
  'iamcredentials',
  'cloudresourcemanager',
  'logging',
  'monitoring',
  'firestore',
  'certificates',
] as const satisfies readonly (ApiName | 'certificates')[];

/** The addresses that were given, over Google's own, without a slash at the end. */
export function endpointsOf(
  given: Readonly<Partial<Record<ApiName | 'certificates', string | undefined>>>,
): {
  readonly endpoints: Readonly<Record<ApiName, string>>;
  readonly certificates: string;
} {
  const { certificates = CERTIFICATES, ...apis } = given;
  const named = Object.entries(apis).flatMap(([name, url]) =>
    url === undefined ? [] : [[name, withoutSlash(url)] as const],
  );
  return {
    endpoints: { ...ENDPOINTS, ...Object.fromEntries(named) },
    certificates: withoutSlash(certificates),
  };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
