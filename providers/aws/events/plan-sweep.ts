import type { Binding, Phase, Step } from 'polyfaas/spi';
import { bucketArn, bucketName, sourceArn } from './arn.ts';
import { ruleKey } from './bus/plan.ts';
import type { Target } from '../model.ts';
import { bareContext, type PlanContext } from './context.ts';
import { httpMode } from './http/mode.ts';
import { ruleName, statementId } from './names.ts';
import { eventStep } from './steps.ts';
import type { Wanted } from './sweep.ts';

/** The step that looks for what an interrupted change left behind. Only such a change makes it necessary. */
export function planSweep(context: PlanContext, bindings: readonly Binding[], phase: Phase): Step {
  return eventStep(context.target, {
    id: 'events-sweep',
    kind: 'sweep-bindings',
    title: 'Take away what an interrupted change left behind',
    phase,
    input: { wanted: wantedBy(context, bindings) },
  });
}

/** The step for a function whose record does not tell what an earlier one of its name had. */
export function planRemainsSweep(target: Target, bindings: readonly Binding[]): Step {
  return eventStep(target, {
    id: 'remains',
    kind: 'sweep-remains',
    title: 'Take away what calls it and nobody knows of any more',
    input: { wanted: wantedBy(bareContext(target), bindings) },
  });
}

function wantedBy(context: PlanContext, bindings: readonly Binding[]): Wanted {
  const statements = new Set<string>();
  const mappings = new Set<string>();
  const schedules: string[] = [];
  for (const { id, event } of bindings) {
    const arn = sourceArn(context.place, event) ?? '';
    if (event.type === 'topic' && event.enabled) statements.add(statementId('topic', arn));
    if (event.type === 'object' && event.enabled) {
      statements.add(statementId('object', bucketArn(context.place, bucketName(event.bucket))));
    }
    if (event.type === 'bus') statements.add(ruleKey(context, id, event.bus).statementId);
    if (event.type === 'queue' || event.type === 'stream' || event.type === 'table') {
      mappings.add(arn);
    }
    if (event.type === 'schedule') schedules.push(ruleName(context.target, id));
  }
  return {
    statements: [...statements],
    mappings: [...mappings],
    schedules,
    http: httpMode(bindings),
  };
}
