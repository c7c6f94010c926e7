import type { Executor } from '../../model.ts';
import { ifThere, isNamed, refusal } from '../failures.ts';
import { done, inputOf } from '../steps.ts';
import { ownerTags, tagList } from '../tags.ts';

interface BusWish {
  readonly bus: string;
  readonly create: boolean;
  readonly bindingId: string;
  /** Only looks. */
  readonly dry?: boolean;
}

/** Makes the bus, or finds it. */
export const ensureBus: Executor = async (aws, step, call) => {
  const { target, bus, create, bindingId, dry = false } = inputOf<BusWish>(step);
  const events = await aws.eventbridge();
  const found = await ifThere(events.describeEventBus({ Name: bus }, { abortSignal: call.signal }));
  if (found !== undefined) return done();
  if (!create) {
    throw refusal(
      target,
      'NOT_FOUND',
      `events.${bindingId}.bus: there is no bus "${bus}" in this account and region. Make it, correct its name, or set create: true to have it made.`,
    );
  }
  if (dry) return done();
  try {
    await events.createEventBus(
      { Name: bus, Tags: tagList(ownerTags(target)) },
      { abortSignal: call.signal },
    );
  } catch (error) {
    if (!isNamed(error, 'ResourceAlreadyExistsException')) throw error;
  }
  return done();
};
