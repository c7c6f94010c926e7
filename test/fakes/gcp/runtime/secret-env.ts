import { GoogleFault } from '../core/fault.ts';
import type { InstanceSetup, World } from '../core/ports.ts';

/**
 * Reads the secrets of an instance, as its service account: each start anew.
 *
 * @throws GoogleFault FAILED_PRECONDITION with what Cloud Run says of a secret that it cannot read
 */
export function secretsOf(
  world: World,
  { secretEnv, serviceAccount, env }: InstanceSetup,
): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  const first = Object.keys(env).length;
  for (const [at, [name, { secret, version }]] of Object.entries(secretEnv).entries()) {
    const read = world.secrets.access(secret, version, { kind: 'account', email: serviceAccount });
    if ('value' in read) {
      values[name] = read.value.toString();
      continue;
    }
    const short = secret.split('/').at(-1) ?? secret;
    const full = `projects/${world.projectNumber}/secrets/${short}/versions/${version}`;
    const place = `spec.template.spec.containers[0].env[${first + at}].value_from.secret_key_ref.name`;
    throw new GoogleFault(
      'FAILED_PRECONDITION',
      `${place}: ${REASONS[read.fault](full, serviceAccount)}`,
    );
  }
  return values;
}

type Reason = (secret: string, serviceAccount: string) => string;

const REASONS: Readonly<Record<'NOT_FOUND' | 'PERMISSION_DENIED' | 'FAILED_PRECONDITION', Reason>> =
  {
    NOT_FOUND: (secret) => `Secret ${secret} was not found`,
    PERMISSION_DENIED: (secret, serviceAccount) =>
      `Permission denied on secret: ${secret} for Revision service account ${serviceAccount}. The service account used must be granted the 'Secret Manager Secret Accessor' role (roles/secretmanager.secretAccessor) at the secret, project or higher level.`,
    FAILED_PRECONDITION: (secret) => `Secret ${secret} is disabled or destroyed`,
  };
