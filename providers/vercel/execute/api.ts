/** Vercel's REST API as executors use it: paths and bodies, without decisions. */
import {
  type CallContext,
  type FunctionRef,
  type JsonValue,
  listAt,
  numberAt,
  textAt,
} from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { ifThere } from '../errors.ts';
import type { VercelObserved } from '../model.ts';
import { META } from '../names.ts';
import { projectOf } from '../observe/project.ts';

export type Asking = Pick<CallContext, 'signal'>;

type ObservedProject = NonNullable<VercelObserved['project']>;

/** A project, as it is observed. */
export interface Project extends ObservedProject {
  readonly name: string;
}

/** @param idOrName of the project. Undefined when there is none. */
export async function readProject(
  vercel: VercelClients,
  idOrName: string,
  { signal }: Asking,
): Promise<Project | undefined> {
  const path = `/v9/projects/${encodeURIComponent(idOrName)}`;
  const query = { rollbackInfo: true };
  const found = await ifThere(vercel.rest({ method: 'GET', path, query, signal }));
  return found === undefined
    ? undefined
    : { ...projectOf(found), name: textAt(found, 'name') ?? '' };
}

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
}

export async function readDeployment(
  vercel: VercelClients,
  id: string,
  { signal }: Asking,
): Promise<Deployment | undefined> {
  const path = `/v13/deployments/${encodeURIComponent(id)}`;
  const found = await ifThere(vercel.rest({ method: 'GET', path, signal }));
  return found === undefined ? undefined : deploymentOf(found);
}

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
  };
}

/** One that is gone already is as good. */
export async function deleteDeployment(
  vercel: VercelClients,
  id: string,
  { signal }: Asking,
): Promise<void> {
  const path = `/v13/deployments/${encodeURIComponent(id)}`;
  await ifThere(vercel.rest({ method: 'DELETE', path, signal }));
}

/** Of a list of texts, or of one. */
export function texts(value: JsonValue | undefined): readonly string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((one) => typeof one === 'string');
}
