/** Who may read secrets, and who may call the service. */
import { again, type CallContext, keptOf } from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { isMissing } from '../errors.ts';
import { ROLE } from '../events/grants/need.ts';
import { RESERVED_PATH } from '../manifest.ts';
import type { Executor } from '../model.ts';
import type { AccessInput, SecretAccessInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { changeMembers } from './iam.ts';
import { refusal, shortName } from './refusals.ts';

export const secretAccess: Executor = async (gcp, step, call) => {
  const { secrets, member } = inputOf<SecretAccessInput>(step);
  for (const secret of secrets) {
    const grant = { role: ROLE.secretAccessor, add: [member], remove: [] };
    try {
      await changeMembers(gcp, { api: 'secretmanager', path: `/v1/${secret}` }, grant, call);
    } catch (error) {
      if (isMissing(error)) throw noSecret(secret, error);
      throw error;
    }
  }
  return { done: true };
};

export function noSecret(secret: string, cause?: unknown): ReturnType<typeof refusal> {
  const name = shortName(secret);
  const project = secret.split('/')[1] ?? '';
  return refusal(
    'NOT_FOUND',
    `env: there is no secret "${name}" in the project "${project}". Make it: \`printf %s "$VALUE" | gcloud secrets create ${name} --project ${project} --data-file=-\`, then run the same operation again.`,
    { cause },
  );
}

/**
 * Done only when what it grants is in force, as far as that can be known: a request that is refused meanwhile counts as an
 * attempt with Pub/Sub, and is a 403 to everybody else. What was granted before is not waited for, nor what is taken away.
 */
export const serviceAccess: Executor = async (gcp, step, call) => {
  const { service, members, revoked, url } = inputOf<AccessInput>(step);
  const kept = keptOf(call)['isPublic'];
  if (kept === undefined) {
    const granted = await changeMembers(
      gcp,
      { api: 'run', path: `/v2/${service}` },
      {
        role: 'roles/run.invoker',
        add: members,
        remove: revoked.filter((one) => !members.includes(one)),
      },
      call,
    );
    if (granted.length === 0) return { done: true };
    const keep = { isPublic: granted.includes(EVERYBODY) };
    return again(call, { stage: WAITING, keep, firstMs: SPREADING_MS, longestMs: SPREADING_MS });
  }
  if (kept !== true || (await isPublic(gcp, url, call))) return { done: true };
  return again(call, { stage: WAITING, keep: { isPublic: true } });
};

const WAITING = 'waiting until the service may be called';
/** Nobody but the service account could see that it is let in. Most grants are known everywhere by then. */
const SPREADING_MS = 15_000;
const EVERYBODY = 'allUsers';

/** Nobody in particular asks for what is not there. */
async function isPublic(
  gcp: GcpClients,
  url: string,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<boolean> {
  const { status } = await gcp.http({ method: 'GET', url: `${url}${RESERVED_PATH}`, signal });
  return status !== 401 && status !== 403;
}
