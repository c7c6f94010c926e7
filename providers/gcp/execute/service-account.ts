/** The service account that the function works as. */
import { again, type CallContext, type JsonValue, keptOf } from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { at, textAt } from '../clients/json.ts';
import { ifThere, isTaken } from '../errors.ts';
import type { Executor } from '../model.ts';
import type { DeleteServiceAccountInput, ServiceAccountInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { refusal } from './refusals.ts';
import { refuseOvertaken } from './secret.ts';

/** Reading it back works after so long, most of the time ("Create service accounts": up to 60 s). */
const FIRST_LOOK_MS = 2_000;

export const serviceAccount: Executor = async (gcp, step, call) => {
  const input = inputOf<ServiceAccountInput>(step);
  const found = await read(gcp, input, call);
  if (found !== undefined) {
    refuseOther(input, found);
    return { done: true };
  }
  // It was made a moment ago; a second one of its name is refused.
  const isMade = keptOf(call)['isMade'] === true;
  if (!isMade) {
    try {
      await create(gcp, input, call);
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
  return again(call, {
    stage: 'waiting until Google knows the service account',
    keep: { isMade: true },
    firstMs: FIRST_LOOK_MS,
  });
};

export const deleteServiceAccount: Executor = async (gcp, step, call) => {
  const input = inputOf<DeleteServiceAccountInput>(step);
  const { email, sharedWith, claim } = input;
  if (sharedWith !== undefined) {
    call.warn(`The service account ${email} is kept: "${sharedWith}" works as it.`);
    return { done: true };
  }
  const found = await read(gcp, input, call);
  if (found === undefined || textAt(found, 'description') !== input.description) {
    return { done: true };
  }
  await refuseOvertaken(gcp, claim, call);
  const path = pathOf(input);
  await ifThere(gcp.rest({ api: 'iam', method: 'DELETE', path, signal: call.signal }));
  return { done: true };
};

function read(
  gcp: GcpClients,
  account: Pick<ServiceAccountInput, 'projectId' | 'email'>,
  { signal }: CallContext,
): Promise<JsonValue | undefined> {
  return ifThere(gcp.rest({ api: 'iam', method: 'GET', path: pathOf(account), signal }));
}

async function create(
  gcp: GcpClients,
  { projectId, accountId, displayName, description }: ServiceAccountInput,
  { signal }: CallContext,
): Promise<void> {
  await gcp.rest({
    api: 'iam',
    method: 'POST',
    path: `/v1/projects/${projectId}/serviceAccounts`,
    body: { accountId, serviceAccount: { displayName, description } },
    signal,
  });
}

function pathOf({ projectId, email }: Pick<ServiceAccountInput, 'projectId' | 'email'>): string {
  return `/v1/projects/${projectId}/serviceAccounts/${email}`;
}

function refuseOther({ email, description }: ServiceAccountInput, found: JsonValue): void {
  if (textAt(found, 'description') !== description) {
    throw refusal(
      'ALREADY_EXISTS',
      `The service account ${email} exists and does not belong to this function (its description is not "${description}"). Delete it, or name one of your own in providerOptions.gcp.serviceAccount.`,
    );
  }
  if (at(found, 'disabled') !== true) return;
  throw refusal(
    'CONFLICT',
    `The service account ${email} is disabled. Enable it (\`gcloud iam service-accounts enable ${email}\`), then run the same operation again.`,
  );
}
