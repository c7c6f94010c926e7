/** What the portable part of polyfaas is told of a function. Pure. */
import type { FunctionDescription, VersionDescription } from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { originHost } from '../hosts.ts';
import type { VercelObserved } from '../model.ts';
import type { Place } from '../place.ts';
import { decodeApplied } from '../plan/applied.ts';
import type { FunctionRecord, VersionNote } from '../record.ts';

const EPOCH = new Date(0).toISOString();

export function describe(
  place: Place,
  project: NonNullable<VercelObserved['project']>,
  record: FunctionRecord,
  { live, originOf }: Pick<VercelClients, 'originOf'> & { readonly live: string | null },
): FunctionDescription {
  const { ref, physicalName, region } = place;
  const hasRoute = record.bindings.some(({ event }) => event.type === 'http' && event.enabled);
  const host = hasRoute && live !== null ? hostOf(place, project, record) : undefined;
  return {
    ...ref,
    provider: 'vercel',
    region,
    physicalName,
    liveVersion: live,
    versions: record.versions
      .filter((note) => isDeployed(note) || note.version === live)
      .map(describeVersion),
    bindings: record.bindings,
    url: host === undefined ? null : originOf(host),
  };
}

/** The version whose newest deployment is in production; null when it is another one, or none. */
export function liveVersion(
  { production }: Pick<NonNullable<VercelObserved['project']>, 'production'>,
  { versions }: Pick<FunctionRecord, 'versions'>,
): string | null {
  if (production === null) return null;
  return versions.find(({ deployment }) => deployment?.id === production)?.version ?? null;
}

/** The domain that the routes are to be told by, once it leads there. */
function hostOf(
  { physicalName, domain }: Place,
  { aliases }: NonNullable<VercelObserved['project']>,
  { settings }: FunctionRecord,
): string | undefined {
  const wished = decodeApplied(settings)?.domain ?? domain;
  if (wished !== null && aliases.includes(wished)) return wished;
  return originHost(aliases, physicalName);
}

/** It has a deployment that may serve. */
function isDeployed(note: VersionNote): boolean {
  return note.deployment !== null && note.createdAt !== null;
}

function describeVersion({ version, createdAt, digest, config }: VersionNote): VersionDescription {
  return {
    version,
    createdAt: createdAt ?? EPOCH,
    digest,
    handles: config.handles,
    memoryMb: config.memoryMb,
    timeoutSeconds: config.timeoutSeconds,
  };
}
