/** Deletes versions that are kept, and what operations that did not come to their end have left. */
import { digestOf, type Change, type Plan, type PruneRequest } from 'polyfaas/spi';
import type { VercelObserved } from '../model.ts';
import { promotedNow } from '../observe/project.ts';
import type { PlatformSettings } from '../options.ts';
import { removedVersions as removals } from './changes.ts';
import { plan, refusal, refuseStranger, targetOf } from './parts.ts';
import { retireStep } from './publish.ts';
import { betweenRecords } from './records.ts';
import { stateOf } from './state.ts';
import { droppedVersions, untilGone, type KeptNote } from './versions.ts';

export function planPrune(
  platform: PlatformSettings,
  { ref, keepVersions }: PruneRequest,
  observed: VercelObserved,
): Plan {
  refuseStranger(ref, observed);
  const { record, live, kept, coming, isUnfinished } = stateOf(ref, observed);
  const nothing = { steps: [], result: { removedVersions: [] } };
  if (!live) return plan('prune', ref, observed, nothing);
  const options = { previous: null, keepVersions };
  const removedVersions = droppedVersions(kept, live.version, options);
  if (removedVersions.length === 0 && !isUnfinished) return plan('prune', ref, observed, nothing);
  refuseWhilePromoted(ref, observed);
  const target = targetOf(platform, ref, observed);
  const stays = ({ version }: KeptNote): boolean => !removedVersions.includes(version);
  const versions = kept.filter(stays);
  const next = digestOf({ prune: removedVersions, versions });
  const final = { ...record, versions, next: null };
  return plan('prune', ref, observed, {
    steps: betweenRecords(target, observed, {
      checks: [],
      // Who was about to promote something finds it gone; or it is seen that it goes live, and then it is known.
      claim: { ...final, versions: [...untilGone(kept, stays), ...coming], next },
      work: [
        retireStep(target, {
          keep: versions.map(({ deployment }) => deployment.id),
          versions: versions.map(({ version }) => version),
          live: live.version,
          production: live.deployment.id,
          expected: next,
        }),
      ],
      final,
    }),
    changes: [...removals(removedVersions), ...leftOver(observed, kept)],
    result: { removedVersions },
  });
}

/** It is not known before its end which version is live, and which are not. */
function refuseWhilePromoted(
  ref: PruneRequest['ref'],
  { physicalName, project }: VercelObserved,
): void {
  if (project === null || promotedNow(project) === null) return;
  throw refusal(
    ref,
    'CONFLICT',
    `A promotion is under way in the project "${physicalName}": what is live is about to change. Run prune again when it is over, in a few seconds.`,
  );
}

/** Deployments of ours that no version has: known when something was begun and not finished. */
function leftOver(
  { deployments }: Pick<VercelObserved, 'deployments'>,
  kept: readonly { readonly deployment: { readonly id: string } }[],
): readonly Change[] {
  const known = new Set(kept.map(({ deployment }) => deployment.id));
  return (deployments ?? [])
    .filter(({ id, digest }) => digest !== null && !known.has(id))
    .map(({ id }) => ({ action: 'delete', subject: `deployment ${id}` }));
}
