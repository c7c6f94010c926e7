/** What steps know of the claim that they work under, so that a plan that is overtaken leaves nothing behind. Pure. */
import { jsonObject, type Step } from 'polyfaas/spi';
import { merge } from '../events/made/list.ts';
import { EVENT_STEP, whereOf } from '../events/steps.ts';
import type { Target } from '../model.ts';
import type { MadeSource } from '../record.ts';
import { inputOf } from '../step-input.ts';
import { STEP, type Held } from '../steps.ts';

/** They look at the record right before they write, or write it. */
const LOOKING: ReadonlySet<string> = new Set([
  STEP.record,
  EVENT_STEP.subscription,
  EVENT_STEP.notification,
  EVENT_STEP.job,
  EVENT_STEP.trigger,
]);
/** Nothing that another operation does refuses them. */
const UNREFUSED: ReadonlySet<string> = new Set([
  EVENT_STEP.topic,
  EVENT_STEP.bucket,
  EVENT_STEP.letters,
]);

/**
 * Tells each step what was made since the last look at the record, its own part included: whoever claims the record after a
 * look finds all that was made before it.
 */
export function holding(target: Target, next: string, steps: readonly Step[]): readonly Step[] {
  let since: readonly MadeSource[] = [];
  return steps.map((step) => {
    const { makes = [] } = inputOf<{ readonly makes?: readonly MadeSource[] }>(step);
    const making = merge(since, makes);
    since = LOOKING.has(step.kind) ? makes : making;
    const { makes: _, ...input } = step.input;
    if (making.length === 0 || UNREFUSED.has(step.kind)) return { ...step, input };
    const held: Held = { secret: target.settingsSecret, next, target: whereOf(target), making };
    return { ...step, input: { ...input, held: jsonObject(held) } };
  });
}
