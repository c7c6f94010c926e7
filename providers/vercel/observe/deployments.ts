/** Reads deployments: one, or those of a project. */
import { type FunctionRef, type JsonValue, listAt, numberAt, textAt } from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { ifThere } from '../errors.ts';
import type { Asking } from '../model.ts';
import { META } from '../names.ts';

/** A deployment, as a list of them or a look at one tells. */
export interface Deployment {
  readonly id: string;
  /** Host name, without a scheme. */
  readonly host: string;
  /** `QUEUED`, `INITIALIZING`, `ANALYZING`, `BUILDING`, `DEPLOYING`, `READY`, `ERROR`, `CANCELED`, ... */
  readonly state: string;
  /** RFC 3339. */
  readonly createdAt: string | null;
  readonly errorCode: string;
  readonly errorMessage: string;
  /** The function that its `meta` names; texts are empty for what somebody else deployed. */
  readonly madeFor: FunctionRef;
  /** The version that its `meta` names; empty for what somebody else deployed. */
  readonly version: string;
  /** See `DeploymentInput.digest` in `steps.ts`; empty for what somebody else deployed. */
  readonly digest: string;
}

/** `state`s of deployments that serve nothing, and never will. */
export const DEAD_STATES: ReadonlySet<string> = new Set([
  'ERROR',
  'CANCELED',
  'BLOCKED',
  'DELETED',
]);

export async function readDeployment(
  vercel: VercelClients,
  id: string,
  { signal }: Asking,
): Promise<Deployment | undefined> {
  const path = `/v13/deployments/${encodeURIComponent(id)}`;
  const found = await ifThere(vercel.rest({ method: 'GET', path, signal }));
  return found === undefined ? undefined : deploymentOf(found);
}

/** The most that Vercel gives at once. */
const PAGE = 100;
/** More than a project of ours ever has: deployments that are not kept are deleted. */
const MOST_PAGES = 50;

/** All deployments of a project, newest first, or those with some `meta`. */
export async function listDeployments(
  vercel: VercelClients,
  projectId: string,
  filter: Readonly<Record<string, string>>,
  { signal }: Asking,
): Promise<readonly Deployment[]> {
  const found: Deployment[] = [];
  let until: number | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { projectId, limit: PAGE, ...filter, ...(until === undefined ? {} : { until }) };
    const path = '/v6/deployments';
    const reply = await vercel.rest({ method: 'GET', path, query, signal });
    found.push(...listAt(reply, 'deployments').map(deploymentOf));
    until = numberAt(reply, 'pagination', 'next');
    if (until === undefined) break;
  }
  return found;
}

function deploymentOf(body: JsonValue): Deployment {
  const created = numberAt(body, 'createdAt') ?? numberAt(body, 'created');
  return {
    // Lists and looks name some of their fields differently.
    id: textAt(body, 'id') ?? textAt(body, 'uid') ?? '',
    host: textAt(body, 'url') ?? '',
    state: textAt(body, 'readyState') ?? textAt(body, 'state') ?? '',
    createdAt: created === undefined ? null : new Date(created).toISOString(),
    errorCode: textAt(body, 'errorCode') ?? '',
    errorMessage: textAt(body, 'errorMessage') ?? '',
    madeFor: {
      app: textAt(body, 'meta', META.app) ?? '',
      stage: textAt(body, 'meta', META.stage) ?? '',
      name: textAt(body, 'meta', META.function) ?? '',
    },
    version: textAt(body, 'meta', META.version) ?? '',
    digest: textAt(body, 'meta', META.digest) ?? '',
  };
}
