/** Who may read secrets, and who may call the service. */
import type { CallContext } from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { isMissing } from '../errors.ts';
import { ROLE } from '../events/grants/need.ts';
import { RESERVED_PATH } from '../manifest.ts';
import type { Executor } from '../model.ts';
import type { AccessInput, SecretAccessInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { changePolicy } from './iam.ts';
import { refusal, shortName } from './refusals.ts';
import { again, keptOf } from './turn.ts';
import type { Calls } from './verify.ts';

export const secretAccess: Executor = async (gcp, step, call) => {
  const { secrets, member } = inputOf<SecretAccessInput>(step);
  for (const secret of secrets) {
    const grant = { role: ROLE.secretAccessor, add: [member], remove: [] };
    try {
      await changePolicy(gcp, { api: 'secretmanager', path: `/v1/${secret}` }, grant, call);
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
 * Done only when what it grants is in force: a request that is refused meanwhile counts as an attempt with Pub/Sub, and is
 * a 403 to everybody else. What was granted before is not looked at, nor what is taken away.
 */
export function serviceAccess(calls: Pick<Calls, 'isReached'>): Executor {
  return async (gcp, step, call) => {
    const input = inputOf<AccessInput>(step);
    const { service, members, revoked, url } = input;
    const kept = keptOf(call)['granted'];
    const granted = Array.isArray(kept)
      ? kept
      : await changePolicy(
          gcp,
          { api: 'run', path: `/v2/${service}` },
          {
            role: 'roles/run.invoker',
            add: members,
            remove: revoked.filter((one) => !members.includes(one)),
          },
          call,
        );
    const isOpen =
      (!granted.some((one) => one !== EVERYBODY) || (await calls.isReached(input, call))) &&
      (!granted.includes(EVERYBODY) || (await isPublic(gcp, url, call)));
    if (isOpen) return { done: true };
    const stage = 'waiting until the service may be called';
    return again(call, { stage, keep: { granted: [...granted] } });
  };
}

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
