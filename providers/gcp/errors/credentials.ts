/** What goes wrong before anything is asked: credentials that are missing, ended, or refused. */
import type { Classification } from 'polyfaas/spi';

const SIGN_IN = '`gcloud auth application-default login`';

interface Rule {
  readonly text: RegExp;
  readonly message: (said: string) => string;
}

/** Messages of `google-auth-library`, and of Google's token endpoint. */
const RULES: readonly Rule[] = [
  {
    text: /Could not load the default credentials|No authentication was provided/i,
    message: () =>
      `There are no Google credentials. Sign in with ${SIGN_IN}, set GOOGLE_APPLICATION_CREDENTIALS to the file of a service account's key, or pass others in providerOptions.gcp.auth.`,
  },
  {
    text: /invalid_grant|invalid_rapt|Token has been expired or revoked|reauth related error/i,
    message: () =>
      `The Google credentials have ended, or were taken back. Sign in again: ${SIGN_IN}. Of a service account's key: check that it exists, and that the clock of this machine is right.`,
  },
  {
    text: /invalid_client|unauthorized_client|invalid_scope|deleted_client/i,
    message: () =>
      `Google's sign-in refused the credentials. Sign in again (${SIGN_IN}), or pass others in providerOptions.gcp.auth.`,
  },
  {
    text: /GOOGLE_APPLICATION_CREDENTIALS|The file at .+ does not exist, or it is not a file|Unable to read the credential file|The incoming JSON object does not contain/i,
    message: (said) =>
      `The file with the Google credentials cannot be read. Check GOOGLE_APPLICATION_CREDENTIALS. ${said}`,
  },
  {
    text: /No (?:access, )?refresh token|No refresh token or refresh handler|Could not refresh access token/i,
    message: () => `The Google credentials cannot be renewed. Sign in again: ${SIGN_IN}.`,
  },
  {
    text: /unable to impersonate/i,
    message: (said) =>
      `The service account cannot be impersonated: give yourself roles/iam.serviceAccountTokenCreator on it. ${said}`,
  },
];

/** Undefined for anything else. What the network did to the sign-in is the network's. */
export function byCredentials(
  message: string,
  status: number | undefined,
): Classification | undefined {
  if (status !== undefined && (status >= 500 || status === 429)) return undefined;
  const rule = RULES.find(({ text }) => text.test(message));
  if (!rule) return undefined;
  return { code: 'UNAUTHENTICATED', retryable: false, message: rule.message(message) };
}
