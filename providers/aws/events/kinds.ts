import type { Binding, NormalEvent, Step } from 'polyfaas/spi';
import { planBus } from './bus/plan.ts';
import type { PlanContext } from './context.ts';
import { planObject } from './object/plan.ts';
import { planQueue } from './queue/plan.ts';
import { planSchedule } from './schedule/plan.ts';
import { planStream } from './stream/plan.ts';
import { planTable } from './table/plan.ts';
import { planTopic } from './topic/plan.ts';

type EventOf<Kind extends NormalEvent['type']> = Extract<NormalEvent, { readonly type: Kind }>;

type Planners = {
  readonly [Kind in NormalEvent['type']]: (
    context: PlanContext,
    bindingId: string,
    event: EventOf<Kind>,
  ) => readonly Step[];
};

const PLANNERS: Planners = {
  queue: planQueue,
  stream: planStream,
  table: planTable,
  topic: planTopic,
  object: planObject,
  bus: planBus,
  schedule: planSchedule,
  // All routes of a function are planned together.
  http: () => [],
};

/** The steps that bind one source. */
export function planBinding(context: PlanContext, { id, event }: Binding): readonly Step[] {
  return planned(context, id, event);
}

function planned<Kind extends NormalEvent['type']>(
  context: PlanContext,
  id: string,
  event: EventOf<Kind> & { readonly type: Kind },
): readonly Step[] {
  return PLANNERS[event.type](context, id, event);
}
