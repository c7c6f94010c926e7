/** Has the steps that bind look whether their operation is still the one who goes on. */
import { digestOf, jsonObject, type JsonObject, type Step } from 'polyfaas/spi';
import type { Claim } from '../events/claim/claim.ts';
import type { BindingPlan, BindingWish } from '../events/types.ts';
import type { Target } from '../model.ts';
import type { FunctionRecord } from '../record.ts';
import { step } from './parts.ts';

/** Of an operation that has let the role do more, and no more than that. */
export const NOTHING_BOUND: Claim = { bindings: [], touched: [], boundaryArn: null };

export function claimOf(
  { bindings, boundaryArn = null }: BindingWish,
  { steps, touched }: BindingPlan,
): Claim | undefined {
  if (steps.length === 0) return undefined;
  return { bindings: bindings.filter(({ id }) => touched.includes(id)), touched, boundaryArn };
}

/**
 * The steps, which look before they make anything that calls the function. One look stands for all of them, and each that
 * has to wait looks again. Another look follows them where more is to come than the record, which looks itself.
 *
 * @param knows what the record may be by then.
 */
export function claimed(
  target: Target,
  { steps, claim }: { readonly steps: readonly Step[]; readonly claim: Claim | undefined },
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
    // Who is overtaken waits for the other to end.
    deadlineSeconds: 300,
  });
}

/** What has a source ready is followed by what binds it. */
function isGuarded({ kind }: Step): boolean {
  return !kind.startsWith('ensure-');
}
