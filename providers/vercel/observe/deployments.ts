/** Reads the deployments of a project: all of them, when everything is read, or the one that is in production. */
import { listAt, numberAt, textAt, type JsonValue } from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { ifThere } from '../errors.ts';
import type { VercelObserved } from '../model.ts';
import { META } from '../names.ts';

type ObservedDeployment = NonNullable<VercelObserved['deployments']>[number];

/** The most that Vercel gives at once. */
const PAGE = 100;
/** More than a project of ours ever has: those that are not kept are deleted. */
const MOST_PAGES = 50;

/** Newest first. */
export async function readDeployments(
  vercel: VercelClients,
  projectId: string,
  signal: AbortSignal,
): Promise<readonly ObservedDeployment[]> {
  const found: ObservedDeployment[] = [];
  let until: number | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { projectId, limit: PAGE, ...(until === undefined ? {} : { until }) };
    const reply = await vercel.rest({ method: 'GET', path: '/v6/deployments', query, signal });
    found.push(...listAt(reply, 'deployments').map(deploymentOf));
    until = numberAt(reply, 'pagination', 'next');
    if (until === undefined) break;
  }
  return found;
}

/** Lists and looks name some of their fields differently. */
function deploymentOf(one: JsonValue): ObservedDeployment {
  return {
    id: textAt(one, 'id') ?? textAt(one, 'uid') ?? '',
    state: textAt(one, 'readyState') ?? textAt(one, 'state') ?? '',
    digest: textAt(one, 'meta', META.digest) ?? null,
  };
}

/** The version that a deployment was made of; undefined for one that is gone, or not ours. */
export async function readVersion(
  vercel: VercelClients,
  id: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const path = `/v13/deployments/${encodeURIComponent(id)}`;
  const found = await ifThere(vercel.rest({ method: 'GET', path, signal }));
  return textAt(found, 'meta', META.version);
}
