import {
  bindingChanges,
  type Change,
  type DeployRequest,
  type Plan,
  reconcileBindings,
} from 'polyfaas/spi';
import type { VercelObserved } from '../model.ts';
import { functionSettings, type PlatformSettings } from '../options.ts';
import { removedVersions, versionChanges } from './changes.ts';
import { plan, refuseStranger } from './parts.ts';
import { planRelease } from './release.ts';
import { stateOf } from './state.ts';
import { plainVariables, secretNames, settingsWish, versionWish } from './wish.ts';

export function planDeploy(
  platform: PlatformSettings,
  request: DeployRequest,
  observed: VercelObserved,
): Plan {
  const { ref, spec } = request;
  refuseStranger(ref, observed, request.adopt);
  const settings = functionSettings(spec, platform);
  const state = stateOf(ref, observed);
  const { result: bindings, ...changed } = reconcileBindings(
    spec.bindings,
    state.record.bindings,
    request,
  );
  const note = versionWish(request, settings);
  const release = planRelease(platform, ref, observed, state, {
    note,
    bindings,
    applied: settingsWish(spec, settings, platform),
    source: 'artifact',
    env: plainVariables(spec.env),
    secrets: secretNames(spec.env),
    keepVersions: spec.keepVersions,
    switchBy: 'promote',
  });
  const result = { version: note.version, url: release.url, bindings, digest: note.digest };
  const { warnings } = release;
  if (release.steps.length === 0)
    return plan('deploy', ref, observed, { steps: [], warnings, result });
  const changes: readonly Change[] = [
    ...versionChanges(note, state.live, observed),
    ...bindingChanges(changed),
    ...removedVersions(state.gone.filter((version) => version !== note.version)),
  ];
  return plan('deploy', ref, observed, {
    steps: release.steps,
    changes: changes.length === 0 ? [{ action: 'update', subject: 'settings' }] : changes,
    warnings,
    result,
  });
}
