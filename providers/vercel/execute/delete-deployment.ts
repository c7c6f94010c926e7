import type { VercelClients } from '../clients/index.ts';
import { ifThere } from '../errors.ts';
import type { Asking } from '../model.ts';

/** One that is gone already is as good. */
export async function deleteDeployment(
  vercel: VercelClients,
  id: string,
  { signal }: Asking,
): Promise<void> {
  const path = `/v13/deployments/${encodeURIComponent(id)}`;
  await ifThere(vercel.rest({ method: 'DELETE', path, signal }));
}
