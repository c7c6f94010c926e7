import type { SendTarget } from '../manifest.ts';
import { deadLetterOf } from 'polyfaas/function';
import type { Delivery } from './message.ts';
import { send } from './send.ts';

/**
 * Sends a message that is given up to the dead-letter queue of its binding, with all that came with it: Service Bus has
 * properties for that, and a queue of Azure Storage only the envelope.
 */
export async function sendDeadLetter(
  target: SendTarget,
  letter: Pick<Delivery, 'id' | 'data' | 'attributes' | 'group'>,
): Promise<void> {
  if (target.service !== 'serviceBus') return send(target, deadLetterOf(letter));
  const { id, data, attributes, group } = letter;
  return send(target, data, { properties: { id, attributes, group } });
}
