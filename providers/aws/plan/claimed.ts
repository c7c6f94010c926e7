/** Has the steps that bind look whether their operation is still the one who goes on. */
import { digestOf, jsonObject, type JsonObject, type Step } from 'polyfaas/spi';
import type { Claim } from '../events/claim/claim.ts';
import type { BindingPlan, BindingWish } from '../events/types.ts';
import type { Target } from '../model.ts';
import type { FunctionRecord } from '../record.ts';
import { step } from './parts.ts';

export function claimOf(
  { bindings, timeoutSeconds, hasShim = true, boundaryArn = null }: BindingWish,
  { touched }: BindingPlan,
): Claim {
  return {
    bindings: bindings.filter(({ id }) => touched.includes(id)),
    touched,
    timeoutSeconds,
    hasShim,
    boundaryArn,
  };
}

/**
 * The steps, which look before they make anything that calls the function. One look stands for all of them, and each that
 * has to wait looks again. Another look follows them where more is to come than the record, which looks itself.
 *
 * @param knows what the record may be by then.
 */
export function claimed(
  target: Target,
  { steps, claim }: { readonly steps: readonly Step[]; readonly claim: Claim },
  knows: readonly FunctionRecord[],
  isFollowed: boolean,
): readonly Step[] {
  if (steps.length === 0) return [];
  const known = jsonObject({ knows: knows.map((one) => digestOf(one)) });
  const input = jsonObject({ ...known, claim });
  return [
    lookStep(target, 'look', known),
    ...steps.map((one) => (isGuarded(one) ? { ...one, input: { ...one.input, ...input } } : one)),
    ...(isFollowed ? [lookStep(target, 'look-again', input)] : []),
  ];
}

function lookStep(target: Target, id: string, input: JsonObject): Step {
  return step(target, {
    id,
    kind: 'see-record',
    phase: 'bind',
    title: 'See that nobody else changes its events',
    input,
  });
}

/** What has a source ready is followed by what binds it. */
function isGuarded({ kind }: Step): boolean {
  return !kind.startsWith('ensure-');
}
