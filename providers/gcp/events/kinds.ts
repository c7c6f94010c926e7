import { ServerlessError, digestOf, type Binding, type NormalEvent } from 'polyfaas/spi';
import type { BindingPolicy } from '../manifest.ts';
import { planBus } from './bus/plan.ts';
import {
  NO_PARTS,
  type BindingParts,
  type EventOf,
  type PlanContext,
  type Planned,
  type Planner,
} from './context.ts';
import { planObject } from './object/plan.ts';
import { planQueue } from './queue/plan.ts';
import { planSchedule } from './schedule/plan.ts';
import { planTable } from './table/plan.ts';
import { planTopic } from './topic/plan.ts';

/** A digest is told apart from those of the few settings that an instance may know. */
const POLICY_LENGTH = 12;

const PLANNERS: { readonly [Kind in NormalEvent['type']]: Planner<Kind> } = {
  queue: planQueue,
  topic: planTopic,
  object: planObject,
  table: planTable,
  bus: planBus,
  schedule: planSchedule,
  // Routes are the code's own: it reads them from its settings.
  http: (_, bindingId) => ({ ...NO_PARTS, source: bindingId }),
  stream: refuseStream,
};

/** All that one binding comes to. */
export function planOne(context: PlanContext, binding: Binding): Planned {
  // The policy holds nothing that follows from its own digest.
  const bare = partsOf(context, binding, '');
  const policy = digestOf({
    id: binding.id,
    event: binding.event,
    source: bare.source,
    deadLetter: bare.deadLetter,
    relay: bare.relay,
  }).slice(0, POLICY_LENGTH);
  return { binding, parts: partsOf(context, binding, policy), policy };
}

/** What the code inside is told of a binding. */
export function policyOf({ binding, parts, policy }: Planned): BindingPolicy {
  return {
    binding,
    source: parts.source,
    deadLetter: parts.deadLetter === null ? null : { topic: parts.deadLetter },
    relay: parts.relay === null ? null : { topic: parts.relay },
    digest: policy,
  };
}

function partsOf(context: PlanContext, { id, event }: Binding, policy: string): BindingParts {
  return planned(context, id, event, policy);
}

function planned<Kind extends NormalEvent['type']>(
  context: PlanContext,
  id: string,
  event: EventOf<Kind> & { readonly type: Kind },
  policy: string,
): BindingParts {
  return PLANNERS[event.type](context, id, event, policy);
}

/** @throws ServerlessError UNSUPPORTED */
function refuseStream({ target }: PlanContext, bindingId: string): never {
  throw new ServerlessError({
    code: 'UNSUPPORTED',
    provider: 'gcp',
    function: target.ref.name,
    message: `events.${bindingId}: Google Cloud has no stream with shards and positions. Use a queue, whose messages keep their order by group.`,
    details: { capability: 'event.stream' },
  });
}
