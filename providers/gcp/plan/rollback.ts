/** Back to a version that is kept: only traffic moves. */
import { digestOf, noSuchVersion, type Plan, type RollbackRequest, type Step } from 'polyfaas/spi';
import type { GcpObserved } from '../model.ts';
import type { PlatformSettings } from '../options.ts';
import { encodeApplied, unsettled, type AppliedSettings } from './applied.ts';
import { trafficStep } from './build.ts';
import { driftOf } from './drift.ts';
import { plan, refuseOtherRegion, refuseStranger } from './parts.ts';
import { rebound } from './rebound.ts';
import { betweenRecords, pendingBindings, pendingIds, recordStep } from './records.ts';
import { stateOf } from './state.ts';
import { taggedRevisions } from './versions.ts';

export function planRollback(
  platform: PlatformSettings,
  { ref, identity, version }: RollbackRequest,
  observed: GcpObserved,
): Plan {
  refuseOtherRegion(ref, observed, identity);
  refuseStranger(ref, observed);
  const { record, live, kept, before, isUnfinished } = stateOf(observed);
  const note = kept.find((one) => one.version === version);
  if (!note) throw noSuchVersion('gcp', ref, version ?? '');
  const { bindings } = record;
  const nextOf = (applied: AppliedSettings): string =>
    digestOf({ version: note.digest, applied, bindings });
  const { target, applied, ...bound } = rebound(platform, { ref, identity }, observed, {
    record,
    bindings,
    version: note,
    before,
    next: nextOf,
  });
  const result = {
    version: note.version,
    url: bound.hasHttp ? target.url : null,
    bindings,
    digest: note.digest,
  };
  const drift = driftOf(observed, {
    live,
    kept,
    isPublic: applied.isPublic === true,
    caller: target.serviceAccount,
    minInstances: applied.minInstances ?? 0,
    ingress: applied.ingress,
  });
  if (live?.version === note.version && !isUnfinished && !drift.traffic) {
    return plan('rollback', ref, observed, { steps: [], result });
  }
  const next = nextOf(applied);
  const claim = {
    ...record,
    name: ref.name,
    next,
    made: bound.made,
    pending: pendingIds(record, bound.touched),
    settings: before ? encodeApplied(unsettled(before, applied)) : '',
  };
  const switched = {
    ...claim,
    ...pendingBindings(record, bindings, bound.touched),
    live: note.version,
  };
  const final = {
    ...switched,
    next: null,
    bindings,
    pending: [],
    made: bound.kept,
    settings: before ? encodeApplied(applied) : '',
  };
  const work: readonly Step[] = [
    ...bound.sources,
    trafficStep(target, {
      version: note.version,
      revision: note.revision ?? '',
      tags: taggedRevisions(kept),
      expected: next,
    }),
    // Without anything to be done behind it, the last write says the same.
    ...(bound.after.length === 0
      ? []
      : [
          recordStep(target, {
            id: 'switched',
            phase: 'switch',
            record: switched,
            expected: { next },
          }),
        ]),
    ...bound.after,
  ];
  return plan('rollback', ref, observed, {
    steps: betweenRecords(target, observed, { checks: bound.checks, claim, work, final }),
    changes: [
      {
        action: 'update',
        subject: 'live version',
        from: live?.version ?? null,
        to: note.version,
      },
    ],
    warnings: bound.warnings,
    result,
  });
}
