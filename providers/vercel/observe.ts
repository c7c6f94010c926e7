/** Reads one function: two calls at once, and more only when asked to, or when somebody's hand was in it. */
import { digestOf, type ObserveOptions } from 'polyfaas/spi';
import type { VercelClients } from './clients/index.ts';
import type { Asking, VercelObserved } from './model.ts';
import { listDeployments, readDeployment } from './observe/deployments.ts';
import { describe, liveVersion } from './observe/description.ts';
import { readProject } from './observe/project.ts';
import { readValues } from './observe/values.ts';
import { listVariables, type Variables } from './observe/variables.ts';
import type { Place } from './place.ts';
import type { FunctionRecord } from './record.ts';
import { isSameFunction } from './same-function.ts';

interface Reading {
  readonly place: Place;
  readonly call: Asking;
  readonly options: ObserveOptions;
}

export async function observe(
  vercel: VercelClients,
  { place, call, options }: Reading,
): Promise<VercelObserved> {
  const { physicalName } = place;
  const [project, read] = await Promise.all([
    readProject(vercel, physicalName, call),
    listVariables(vercel, physicalName, call),
  ]);
  // Of a project that was made, or deleted, between the two answers, one is missing.
  if (project === undefined || read === undefined) return absent(physicalName);
  const found = presentOf(place, project, read);
  if (found.isStranger || found.kept === null) return found;
  const { record } = found.kept;
  const known = liveVersion(project, record);
  // What was begun may have failed because a deployment is gone; and so may what was live be.
  const isServed = project.production !== null || record.versions.length === 0;
  const isInDoubt = record.next !== null || !isServed;
  const [live, deployments, values] = await Promise.all([
    // Between a promotion and the record of it, and after one by hand, only the deployment itself tells.
    known ?? versionOf(vercel, project.production, call),
    options.full === true || isInDoubt ? deploymentsOf(vercel, project.id, record, call) : null,
    options.full === true ? readValues(vercel, project.id, read.observed, call) : undefined,
  ]);
  const description = describe(place, project, record, {
    live,
    originOf: (host) => vercel.originOf(host),
  });
  return { ...found, description, deployments, ...(values && { values }) };
}

async function versionOf(
  vercel: VercelClients,
  production: string | null,
  call: Asking,
): Promise<string | null> {
  const found = production === null ? undefined : await readDeployment(vercel, production, call);
  return found === undefined || found.version === '' ? null : found.version;
}

/** A project that was taken over has deployments of its former owner's, which are nobody's here. */
async function deploymentsOf(
  vercel: VercelClients,
  projectId: string,
  record: FunctionRecord,
  call: Asking,
): Promise<NonNullable<VercelObserved['deployments']>> {
  const found = await listDeployments(vercel, projectId, {}, call);
  return found.map(({ id, state, digest, madeFor }) => ({
    id,
    state,
    digest: isSameFunction(madeFor, record) ? digest : null,
  }));
}

function absent(physicalName: string): VercelObserved {
  return {
    token: 'absent',
    description: undefined,
    physicalName,
    isStranger: false,
    isOwned: false,
    project: null,
    variables: null,
    kept: null,
    deployments: null,
  };
}

/** What two calls tell of a project that is there. */
function presentOf(
  { ref, physicalName }: Place,
  project: NonNullable<VercelObserved['project']>,
  read: Variables,
): VercelObserved {
  const variables = read.observed;
  const kept = read.kept ?? null;
  return {
    token: tokenOf(project, { variables, kept }),
    description: undefined,
    physicalName,
    isStranger: kept === null || !isSameFunction(kept.record, ref),
    isOwned: kept !== null,
    project,
    variables,
    kept,
    deployments: null,
  };
}

/** Not of what changes by itself: how a promotion is getting on, and the addresses that Vercel gives. */
function tokenOf(
  { id, production, hasBypass }: NonNullable<VercelObserved['project']>,
  { variables, kept }: Pick<VercelObserved, 'variables' | 'kept'>,
): string {
  return digestOf({ id, production, hasBypass, variables, kept });
}
