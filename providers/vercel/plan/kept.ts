/** A version that is deployed already, brought into service with other bindings, or again. */
import type { Binding, FunctionRef } from 'polyfaas/spi';
import type { VercelObserved } from '../model.ts';
import type { PlatformSettings } from '../options.ts';
import { planRelease, type Release, type ReleaseWish } from './release.ts';
import type { DeployedState } from './state.ts';
import type { KeptNote } from './versions.ts';
import { defaultSettings } from './wish.ts';

/** What belongs to no version, and is not about bindings, stays as it was applied. */
export function releaseKept(
  platform: PlatformSettings,
  ref: FunctionRef,
  observed: VercelObserved,
  state: DeployedState,
  parts: Pick<ReleaseWish, 'switchBy'> & {
    readonly note: KeptNote;
    readonly bindings: readonly Binding[];
  },
): Release {
  const { note, bindings, switchBy } = parts;
  const { version, digest, artifactDigest, config, env } = note;
  return planRelease(platform, ref, observed, state, {
    note: { version, digest, artifactDigest, config, ...(env && { env }) },
    bindings,
    applied: state.before ?? defaultSettings(platform),
    source: 'kept',
    env: null,
    // How they were declared is not known any more.
    secrets: Object.fromEntries(
      Object.values(config.secrets)
        .toSorted()
        .map((variable) => [variable, variable]),
    ),
    keepVersions: null,
    switchBy,
  });
}
