import type { Binding, NormalEvent } from 'polyfaas/spi';
import { planBus } from './bus/plan.ts';
import {
  NO_PARTS,
  type BindingParts,
  type EventOf,
  type PlanContext,
  type Planner,
} from './context.ts';
import { planObject } from './object/plan.ts';
import { planQueue } from './queue/plan.ts';
import { planSchedule } from './schedule/plan.ts';
import { planStream } from './stream/plan.ts';
import { planTable } from './table/plan.ts';
import { planTopic } from './topic/plan.ts';

const PLANNERS: { readonly [Kind in NormalEvent['type']]: Planner<Kind> } = {
  queue: planQueue,
  stream: planStream,
  table: planTable,
  topic: planTopic,
  object: planObject,
  bus: planBus,
  schedule: planSchedule,
  // All routes of a function have one trigger.
  http: (_, bindingId) => ({ ...NO_PARTS, source: bindingId }),
};

/** All that one binding comes to. */
export function partsOf(context: PlanContext, { id, event }: Binding): BindingParts {
  return planned(context, id, event);
}

function planned<Kind extends NormalEvent['type']>(
  context: PlanContext,
  id: string,
  event: EventOf<Kind> & { readonly type: Kind },
): BindingParts {
  return PLANNERS[event.type](context, id, event);
}
