/** Reads one function: two calls at once, and more only when asked to, or when somebody's hand was in it. */
import { digestOf, type CallContext, type ObserveOptions } from 'polyfaas/spi';
import type { VercelClients } from './clients/index.ts';
import type { VercelObserved } from './model.ts';
import { readDeployments, readVersion } from './observe/deployments.ts';
import { describe, liveVersion } from './observe/description.ts';
import { readProject } from './observe/project.ts';
import { readValues } from './observe/values.ts';
import { readVariables, type ReadVariables } from './observe/variables.ts';
import type { Place } from './place.ts';
import type { FunctionRecord } from './record.ts';

interface Reading {
  readonly place: Place;
  readonly call: Pick<CallContext, 'signal'>;
  readonly options: ObserveOptions;
}

export async function observe(
  vercel: VercelClients,
  { place, call, options }: Reading,
): Promise<VercelObserved> {
  const { signal } = call;
  const { physicalName } = place;
  const [project, read] = await Promise.all([
    readProject(vercel, physicalName, signal),
    readVariables(vercel, physicalName, signal),
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
    known ?? versionOf(vercel, project.production, signal),
    options.full === true || isInDoubt ? readDeployments(vercel, project.id, signal) : null,
    options.full === true ? readValues(vercel, project.id, read.variables, signal) : undefined,
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
  signal: AbortSignal,
): Promise<string | null> {
  return production === null ? null : ((await readVersion(vercel, production, signal)) ?? null);
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
  { variables, kept }: ReadVariables,
): VercelObserved {
  return {
    token: tokenOf(project, { variables, kept }),
    description: undefined,
    physicalName,
    isStranger: kept === null || !isOf(kept.record, ref),
    isOwned: kept !== null,
    project,
    variables,
    kept,
    deployments: null,
  };
}

function isOf({ app, stage, name }: FunctionRecord, ref: Place['ref']): boolean {
  return app === ref.app && stage === ref.stage && name === ref.name;
}

/** Not of what changes by itself: how a promotion is getting on, and the addresses that Vercel gives. */
function tokenOf(
  { id, production, hasBypass }: NonNullable<VercelObserved['project']>,
  { variables, kept }: ReadVariables,
): string {
  return digestOf({ id, production, hasBypass, variables, kept });
}
