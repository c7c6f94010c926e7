/** The same function under other names: what an id in `functionIds` that was changed leaves behind. */
import type { CallContext } from 'polyfaas/spi';
import type { GcpClients } from './clients/index.ts';
import { textAt } from './clients/json.ts';
import { SECRET_PREFIX } from './names.ts';
import { settingsSecretsWith } from './settings-secrets.ts';

export interface Namesake {
  readonly projectId: string;
  /** That say whose it is: `ownershipLabels`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly physicalName: string;
}

/** Physical names of functions whose settings secrets carry the same labels, other than the one that is asked about. */
export async function namesakesOf(
  gcp: GcpClients,
  { projectId, labels, physicalName }: Namesake,
  call: CallContext,
): Promise<readonly string[]> {
  const secrets = await settingsSecretsWith(gcp, projectId, labels, call);
  return secrets.flatMap((secret) => {
    const name = physicalNameIn(textAt(secret, 'name') ?? '');
    return name === undefined || name === physicalName ? [] : [name];
  });
}

/** Undefined for a secret that is none of ours: labels can be copied. @param secret its full name */
export function physicalNameIn(secret: string): string | undefined {
  const id = secret.slice(secret.lastIndexOf('/') + 1);
  return id.startsWith(SECRET_PREFIX) ? id.slice(SECRET_PREFIX.length) : undefined;
}
