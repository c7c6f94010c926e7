/** Back to a version that is kept, with the bindings as they are now. */
import { noSuchVersion, type Plan, type RollbackRequest } from 'polyfaas/spi';
import type { VercelObserved } from '../model.ts';
import type { PlatformSettings } from '../options.ts';
import { releaseKept } from './kept.ts';
import { plan, refuseStranger, refuseUnhandled } from './parts.ts';
import { stateOf } from './state.ts';

export function planRollback(
  platform: PlatformSettings,
  { ref, version }: RollbackRequest,
  observed: VercelObserved,
): Plan {
  refuseStranger(ref, observed);
  const state = stateOf(ref, observed);
  const { live, kept } = state;
  const note = kept.find((one) => one.version === version);
  if (!note) {
    const names = kept.map((one) => one.version);
    throw noSuchVersion('vercel', ref, version ?? '', names);
  }
  const { bindings } = state.record;
  refuseUnhandled(ref, note, bindings);
  const release = releaseKept(platform, ref, observed, state, {
    note,
    bindings,
    switchBy: 'rollback',
  });
  const result = { version: note.version, url: release.url, bindings, digest: note.digest };
  if (release.steps.length === 0) {
    return plan('rollback', ref, observed, { steps: [], warnings: release.standing, result });
  }
  return plan('rollback', ref, observed, {
    steps: release.steps,
    changes: [
      {
        action: 'update',
        subject: 'live version',
        from: live?.version ?? null,
        to: note.version,
      },
    ],
    warnings: release.warnings,
    result,
  });
}
