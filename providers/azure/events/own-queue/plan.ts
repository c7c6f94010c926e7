/** The queue of one binding, in the function app's own storage account: where Event Grid delivers to. */
import { bindingSetting } from '../../manifest.ts';
import { storageIdOf } from '../../names.ts';
import { queueIdIn } from '../arm-id.ts';
import {
  settingRef,
  triggerOf,
  type BindingParts,
  type PlanContext,
  type TargetDraft,
} from '../context.ts';
import { OWN_CONNECTION, ownQueueName, UNDELIVERED_CONTAINER } from '../names.ts';
import { eventStep } from '../steps.ts';

const QUEUE = 'QUEUE';

/** Where an event subscription delivers to, and what it cannot deliver. JSON. */
export interface Destination {
  readonly accountId: string;
  readonly queue: string;
  /** The container that takes what cannot be put into the queue. */
  readonly undelivered: string;
}

export interface OwnQueue {
  readonly destination: Destination;
  readonly parts: Pick<
    BindingParts,
    'bound' | 'prepare' | 'trigger' | 'settings' | 'connections' | 'again'
  >;
}

export function planOwnQueue({ target }: PlanContext, bindingId: string): OwnQueue {
  const accountId = storageIdOf(target);
  const name = ownQueueName(bindingId);
  const again: TargetDraft = { service: 'storageQueue', hostId: accountId, name };
  return {
    destination: { accountId, queue: name, undelivered: UNDELIVERED_CONTAINER },
    parts: {
      bound: [{ kind: 'ownQueue', id: queueIdIn(accountId, name) }],
      prepare: [
        eventStep(target, {
          id: `event-${bindingId}-own`,
          kind: 'ensure-own-queue',
          title: `Have the queue for the events of "${bindingId}" ready`,
          phase: 'prepare',
          input: { accountId, queue: name, container: UNDELIVERED_CONTAINER },
        }),
      ],
      trigger: triggerOf(bindingId, 'storageQueue', {
        queueName: settingRef(bindingId, QUEUE),
        connection: OWN_CONNECTION,
      }),
      settings: { [bindingSetting(bindingId, QUEUE)]: name },
      // The connection of the host, and the roles on the account, are there anyway.
      connections: [],
      again,
    },
  };
}
