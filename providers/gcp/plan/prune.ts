/** Deletes versions that are kept. */
import { digestOf, type Plan, type PruneRequest } from 'polyfaas/spi';
import type { GcpObserved } from '../model.ts';
import type { PlatformSettings } from '../options.ts';
import { UNFINISHED } from '../record.ts';
import { retireStep } from './build.ts';
import { plan, refuseOtherRegion, refuseStranger, targetOf } from './parts.ts';
import { betweenRecords } from './records.ts';
import { stateOf } from './state.ts';
import { demoted, retain, taggedRevisions } from './versions.ts';

export function planPrune(
  platform: PlatformSettings,
  { ref, identity, keepVersions }: PruneRequest,
  observed: GcpObserved,
): Plan {
  refuseOtherRegion(ref, observed, identity);
  refuseStranger(ref, observed);
  const { record, live, isUnfinished } = stateOf(observed);
  const nothing = { steps: [], result: { removedVersions: [] } };
  if (!live) return plan('prune', ref, observed, nothing);
  const { notes, dropped, doomed } = retain(record.versions, live.version, {
    previous: null,
    keepVersions,
    isNewest: false,
  });
  if (dropped.length + doomed.length === 0) return plan('prune', ref, observed, nothing);
  const target = targetOf(
    platform,
    { ref, identity },
    {
      serviceAccount: observed.function?.serviceAccount ?? null,
      url: observed.function?.url ?? '',
      observed,
    },
  );
  const removedVersions = dropped.map(({ version }) => version);
  const claim = {
    ...record,
    versions: demoted(record.versions, dropped),
    // Of the revisions alone: what this claim takes is no version when the same is planned again.
    next: digestOf({ prune: doomed }),
  };
  return plan('prune', ref, observed, {
    steps: betweenRecords(target, observed, {
      checks: [],
      claim,
      work: [retireStep(target, { keep: taggedRevisions(notes), delete: doomed })],
      // What was begun may have been this very thing: then it is done.
      final: {
        ...record,
        versions: notes,
        next: isUnfinished && record.next !== claim.next ? UNFINISHED : null,
      },
    }),
    changes: removedVersions.map((version) => ({
      action: 'delete',
      subject: `version ${version}`,
    })),
    result: { removedVersions },
  });
}
