/** Looks only: what the user names and is not there is refused before anything is written. */
import type { CallContext, JsonValue } from 'polyfaas/spi';
import type { GcpClients, RestRequest } from '../clients/index.ts';
import { at } from '../clients/json.ts';
import { ifThere, isDenied } from '../errors.ts';
import type { Executor } from '../model.ts';
import type { CheckAccountsInput, CheckSecretsInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { noSecret } from './access.ts';
import { refusal } from './refusals.ts';

/** A build with one that is not there would be waited for, as if it were only too new to be known. */
export const checkAccounts: Executor = async (gcp, step, call) => {
  const looked = await Promise.all(
    inputOf<CheckAccountsInput>(step).accounts.map(async (account) => {
      const path = `/v1/projects/${account.project}/serviceAccounts/${account.email}`;
      return { ...account, found: await look(gcp, { api: 'iam', path }, call) };
    }),
  );
  for (const { field, project, email, found } of looked) {
    if (found === undefined && field === null) {
      throw refusal(
        'CONFLICT',
        `The service account ${email}, which was made for this function, was deleted by somebody else, and all that it was granted with it. Bring it back (\`gcloud iam service-accounts undelete UNIQUE_ID --project ${project}\`, for 30 days), or remove the function and deploy it anew.`,
      );
    }
    if (found === undefined) {
      throw refusal(
        'INVALID_ARGUMENT',
        `${field}: there is no service account "${email}" in the project "${project}". Make it (\`gcloud iam service-accounts create ${email.slice(0, email.indexOf('@'))} --project ${project}\`), correct its address, or leave the option out.`,
      );
    }
    if (at(found, 'disabled') !== true) continue;
    throw refusal(
      'INVALID_ARGUMENT',
      `${field === null ? 'The' : `${field}: the`} service account "${email}" is disabled. Enable it (\`gcloud iam service-accounts enable ${email} --project ${project}\`), then run the same operation again.`,
    );
  }
  return { done: true };
};

export const checkSecrets: Executor = async (gcp, step, call) => {
  const { secrets } = inputOf<CheckSecretsInput>(step);
  const looked = await Promise.all(
    secrets.map((secret) => look(gcp, { api: 'secretmanager', path: `/v1/${secret}` }, call)),
  );
  const missing = secrets.find((_, index) => looked[index] === undefined);
  if (missing !== undefined) throw noSecret(missing);
  return { done: true };
};

/** Undefined when it is not there. What may not be looked at is taken for there: the steps that use it will tell. */
async function look(
  gcp: GcpClients,
  request: Pick<RestRequest, 'api' | 'path'>,
  { signal }: CallContext,
): Promise<JsonValue | undefined> {
  try {
    return await ifThere(gcp.rest({ ...request, method: 'GET', signal }));
  } catch (error) {
    if (isDenied(error)) return null;
    throw error;
  }
}
