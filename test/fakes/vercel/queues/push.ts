/** One delivery of one message: a CloudEvent in the binary form, with the payload as its body. */
import type { World } from '../core/ports.ts';
import type { Consumer } from './consumer.ts';
import type { Message } from './message.ts';

export const EVENT_TYPE = 'com.vercel.queue.v2beta';
const DEFAULT_REGION = 'iad1';

export interface Lease {
  readonly receipt: string;
  /** Deliveries of the message to its group, this one counted. */
  readonly count: number;
  readonly untilMs: number;
}

/** True when the function answered with a status of success. Never rejects. */
export async function push(
  world: World,
  { deployment, served, trigger }: Consumer,
  message: Message,
  { receipt, count, untilMs }: Lease,
): Promise<boolean> {
  const { messageId, topic, contentType, payload: body, headers } = message;
  const all: Readonly<Record<string, string>> = {
    ...headers,
    'content-type': contentType,
    'user-agent': 'vercel-queue/1.0',
    'ce-specversion': '1.0',
    'ce-type': EVENT_TYPE,
    'ce-source': `/topic/${topic}/consumer/${trigger.consumer}`,
    'ce-id': messageId,
    'ce-time': timeOf(world.clock.now()),
    'ce-vqsqueuename': topic,
    'ce-vqsconsumergroup': trigger.consumer,
    'ce-vqsmessageid': messageId,
    'ce-vqsreceipthandle': receipt,
    'ce-vqsdeliverycount': String(count),
    'ce-vqscreatedat': timeOf(message.createdMs),
    'ce-vqsexpiresat': timeOf(message.expiresMs),
    'ce-vqsvisibilitydeadline': timeOf(untilMs),
    'ce-vqsregion': served.regions[0] ?? DEFAULT_REGION,
  };
  const request = { method: 'POST', url: `/${served.name}`, headers: flat(all), body };
  try {
    const { status } = await world.edge.deliver(deployment, served.name, request);
    return status >= 200 && status <= 299;
  } catch {
    return false;
  }
}

function flat(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers).flat();
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
