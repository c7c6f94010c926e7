/** What a deploy does otherwise than was probably thought. */
import type { Binding, DeployRequest, Warning } from 'polyfaas/spi';
import type { AwsObserved } from '../model.ts';
import { samePolicy } from '../policy/document.ts';
import { asyncOf, effectiveAsync } from './applied.ts';
import type { BoundPlan } from './bindings.ts';
import type { VersionWish } from './wish.ts';

export function warningsOf(
  { spec, identity, artifact }: DeployRequest,
  wish: VersionWish,
  { actual, latest, live }: AwsObserved,
  bound: BoundPlan,
  bindings: readonly Binding[],
): readonly Warning[] {
  const warnings: Warning[] = [];
  const own = asyncOf({ spec, identity });
  const attempts = effectiveAsync(own, bindings).maxRetries + 1;
  if (attempts > own.maxRetries + 1) {
    warnings.push({
      type: 'limit',
      field: `functions.${spec.name}.async.retry.maxAttempts`,
      message: `Lambda has one number of attempts for all that comes asynchronously: direct calls are tried ${attempts} times, as an event asks for.`,
    });
  }
  const { imageUri } = artifact;
  if (imageUri !== undefined && !imageUri.includes('@sha256:')) {
    warnings.push({
      type: 'other',
      field: `functions.${spec.name}.image`,
      message: `"${imageUri}" names the image by its tag. Lambda keeps the image that the tag names now; when the tag moves, a deploy sees no change. Name it by its digest: "...@sha256:...".`,
    });
  }
  if (latest?.reserved === 0 && wish.note.hasShim) {
    warnings.push({
      type: 'other',
      field: `functions.${spec.name}.maxInstances`,
      message:
        'The function is stopped: it has room for 0 instances. Whether a new version starts is not looked at.',
    });
  }
  if (wish.settings.canaryWeight !== null && !live?.note) {
    warnings.push({
      type: 'ignored',
      field: `functions.${spec.name}.providerOptions.aws.canary`,
      message:
        'There is no live version yet that could have the rest: the first one gets all of the traffic.',
    });
  }
  if (actual !== null && latest !== null && actual.policies !== null && wish.ownsRole) {
    if (bound.steps.length === 0 && !samePolicy(actual.policies.events, bound.after)) {
      warnings.push({
        type: 'drift',
        message: `The role of "${spec.name}" does not allow what its events need, or more than that. It is set anew.`,
      });
    }
  }
  return warnings;
}
