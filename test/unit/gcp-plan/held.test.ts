import { expect, it } from 'vitest';
import { planStep, type Step } from 'polyfaas/spi';
import { EVENT_STEP } from '../../../providers/gcp/events/steps.ts';
import { holding } from '../../../providers/gcp/plan/held.ts';
import type { MadeSource } from '../../../providers/gcp/record.ts';
import { STEP } from '../../../providers/gcp/steps.ts';
import { inputOf } from '../../../providers/gcp/step-input.ts';
import { targetOf } from '../gcp-events/bindings.ts';

const topic: MadeSource = { kind: 'topic', id: 'projects/p/topics/t' };
const first: MadeSource = { kind: 'subscription', id: 'projects/p/subscriptions/first' };
const second: MadeSource = { kind: 'job', id: 'projects/p/locations/l/jobs/second' };

const stepOf = (kind: string, ...makes: readonly MadeSource[]): Step =>
  planStep({
    id: kind,
    kind,
    phase: 'bind',
    title: kind,
    input: { own: true, ...(makes.length === 0 ? {} : { makes }) },
    locks: [],
    deadlineSeconds: 1,
  });

/** What each step is told that was made; null for what is told nothing. */
const toldBy = (...steps: readonly Step[]): readonly unknown[] =>
  holding(targetOf('orders'), 'mark', steps).map(
    (one) => inputOf<{ readonly held?: { readonly making: unknown } }>(one).held?.making ?? null,
  );

it('tells steps what was made since the last look, as what was before it is found by whoever comes', () => {
  expect(
    toldBy(
      stepOf(EVENT_STEP.topic, topic),
      stepOf(STEP.settings),
      stepOf(EVENT_STEP.subscription, first),
      stepOf(EVENT_STEP.job, second),
      stepOf(STEP.record),
      stepOf(STEP.retireVersions),
    ),
  ).toEqual([null, [topic], [first, topic], [second, first], [second], null]);
});

it('leaves plans alone that make nothing', () => {
  const steps = [stepOf(STEP.settings), stepOf(STEP.record)];
  expect(holding(targetOf('orders'), 'mark', steps)).toEqual(steps);
});
