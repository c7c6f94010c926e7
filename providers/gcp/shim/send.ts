/** Publishes to topics as the function's own service account: dead letters, outcomes, relayed changes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SendTarget } from '../manifest.ts';
import { accessToken, forgetToken } from './token.ts';

export interface Outgoing {
  readonly data: Uint8Array;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly orderingKey?: string;
}

/** Of a value of an attribute, and of an ordering key ("Pub/Sub quotas and limits"). */
const MOST_BYTES = 1_024;
const MOST_ATTRIBUTES = 100;

export function fitsAttribute(value: string): boolean {
  return Buffer.byteLength(value) <= MOST_BYTES;
}

/**
 * The attributes of a message that is passed on, with ours: as many as there is room for, the first ones first. Those that
 * Google adds to what it delivers are left out, since it takes them from nobody.
 */
export function passedOn(
  attributes: Readonly<Record<string, string>>,
  ours: readonly (readonly [name: string, value: string])[],
): Readonly<Record<string, string>> {
  const passed = new Map(Object.entries(attributes).filter(([name]) => !name.startsWith('goog')));
  for (const [name, value] of ours) {
    if (passed.has(name) || passed.size < MOST_ATTRIBUTES) passed.set(name, value);
  }
  return Object.fromEntries(passed);
}

/** No answer within so long is a failure. */
const TIMEOUT_MS = 15_000;
/** Pauses before another try. After the last, the delivery itself fails, and Pub/Sub repeats it. */
const PAUSES_MS: readonly number[] = [200, 400, 800];

/**
 * Publishes one message. What passes by itself (a grant that has not spread, throttling, a service or a network that
 * fails) is tried again, so a message whose answer got lost may be sent twice.
 *
 * @param endpoint of Pub/Sub, without a slash at the end.
 * @throws when the service does not take it: then the caller's own message must not be acknowledged.
 */
export async function publish(
  endpoint: string,
  { topic }: SendTarget,
  { data, attributes = {}, orderingKey }: Outgoing,
): Promise<void> {
  const message = {
    data: Buffer.from(data).toString('base64'),
    attributes,
    ...(orderingKey === undefined ? {} : { orderingKey }),
  };
  const url = `${endpoint}/v1/${topic}:publish`;
  const body = JSON.stringify({ messages: [message] });
  for (const pauseMs of PAUSES_MS) {
    try {
      return await once(url, topic, body);
    } catch (thrown) {
      if (isRefusedForGood(thrown)) throw thrown;
    }
    await sleep(pauseMs);
  }
  return await once(url, topic, body);
}

/** Pub/Sub will not take the message however often it is sent: it is too large, or there is no such topic. */
export function isRefusedForGood(thrown: unknown): boolean {
  return thrown instanceof Refused && !thrown.mayPass;
}

/** The last is what Google calls a request that it gave up itself. */
const PASSING: ReadonlySet<number> = new Set([401, 403, 408, 409, 429, 499]);

class Refused extends Error {
  readonly mayPass: boolean;

  constructor(topic: string, status: number, said: string) {
    super(`${topic} answered ${status} to a message: ${said}`);
    // With 401 the token is at fault, and the next try gets another; a grant takes its time to spread.
    this.mayPass = PASSING.has(status) || status >= 500;
  }
}

async function once(url: string, topic: string, body: string): Promise<void> {
  const token = await accessToken();
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.ok) {
    await response.body?.cancel();
    return;
  }
  if (response.status === 401) forgetToken(token);
  throw new Refused(topic, response.status, (await response.text()).slice(0, 300));
}
