/** Deletes versions that are kept. */
import { digestOf, type Plan, type PruneRequest } from 'polyfaas/spi';
import type { VercelObserved } from '../model.ts';
import type { PlatformSettings } from '../options.ts';
import { removedVersions as removals } from './changes.ts';
import { plan, refuseStranger, targetOf } from './parts.ts';
import { retireStep } from './publish.ts';
import { betweenRecords } from './records.ts';
import { stateOf } from './state.ts';
import { droppedVersions } from './versions.ts';

export function planPrune(
  platform: PlatformSettings,
  { ref, keepVersions }: PruneRequest,
  observed: VercelObserved,
): Plan {
  refuseStranger(ref, observed);
  const { record, live, kept } = stateOf(ref, observed);
  const nothing = { steps: [], result: { removedVersions: [] } };
  if (!live) return plan('prune', ref, observed, nothing);
  const options = { previous: null, keepVersions };
  const removedVersions = droppedVersions(kept, live.version, options);
  if (removedVersions.length === 0) return plan('prune', ref, observed, nothing);
  const target = targetOf(platform, ref, observed);
  const versions = kept.filter(({ version }) => !removedVersions.includes(version));
  const next = digestOf({ prune: removedVersions, versions });
  const claim = { ...record, versions, next };
  return plan('prune', ref, observed, {
    steps: betweenRecords(target, observed, {
      checks: [],
      claim,
      work: [
        retireStep(target, {
          keep: versions.map(({ deployment }) => deployment.id),
          versions: versions.map(({ version }) => version),
          live: live.version,
          expected: next,
        }),
      ],
      final: { ...claim, next: null },
    }),
    changes: removals(removedVersions),
    result: { removedVersions },
  });
}
