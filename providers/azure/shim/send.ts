/** Sends messages with the function's own identity: copies that come again later, dead letters, outcomes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonValue } from 'polyfaas/function';
import type { MessageEnvelope, SendTarget } from '../manifest.ts';
import { forgetToken, tokenFor } from './token.ts';

/** The version of the storage service's REST API. */
const STORAGE_VERSION = '2021-12-02';

export interface SendOptions {
  /** The message becomes visible after so long. At most 7 days. */
  readonly delaySeconds?: number;
  /** For a topic of Event Grid, which wants to know what happened. */
  readonly type?: string;
  /** No answer within so long is a failure. Default: 15,000. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 15_000;

/** What a token is asked for (Microsoft Entra ID). */
const RESOURCES: Readonly<Record<SendTarget['service'], string>> = {
  storageQueue: 'https://storage.azure.com/',
  serviceBus: 'https://servicebus.azure.net',
  eventGrid: 'https://eventgrid.azure.net',
};

/** Pauses before another try. The host repeats the whole message half a minute after the last. */
const PAUSES_MS: readonly number[] = [200, 400, 800];

/**
 * Sends a value, or an envelope with one. What passes by itself (a role that has not spread, throttling, a service or a
 * network that fails) is tried again, so a message whose answer got lost may be sent twice.
 *
 * @throws when the service does not take it: then the caller's own message must not be acknowledged.
 */
export async function send(
  target: SendTarget,
  value: JsonValue | MessageEnvelope,
  options: SendOptions = {},
): Promise<void> {
  const text = JSON.stringify(value);
  for (const pauseMs of PAUSES_MS) {
    try {
      return await sendOnce(target, text, options);
    } catch (thrown) {
      if (isRefusedForGood(thrown)) throw thrown;
    }
    await sleep(pauseMs);
  }
  return await sendOnce(target, text, options);
}

/** The service will not take the message however often it is sent: it is too large, or there is no such queue. */
export function isRefusedForGood(thrown: unknown): boolean {
  return thrown instanceof Refused && !thrown.mayPass;
}

/** The service answered, and did not take the message. */
class Refused extends Error {
  readonly mayPass: boolean;

  constructor(service: SendTarget['service'], status: number, said: string) {
    super(`${service} answered ${status} to a message: ${said}`);
    // With 401 the token is at fault, and the next try gets another.
    this.mayPass = status === 401 || status === 403 || status === 429 || status >= 500;
  }
}

async function sendOnce(target: SendTarget, text: string, options: SendOptions): Promise<void> {
  const resource = RESOURCES[target.service];
  const token = await tokenFor(resource);
  const { url, headers, body } = POSTS[target.service](target.url, text, options);
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${token}` },
    body,
    signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
  });
  if (response.ok) {
    await response.body?.cancel();
    return;
  }
  if (response.status === 401) forgetToken(resource, token);
  throw new Refused(target.service, response.status, (await response.text()).slice(0, 300));
}

interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type MakePost = (url: string, text: string, options: SendOptions) => Post;

const POSTS: Readonly<Record<SendTarget['service'], MakePost>> = {
  storageQueue(url, text, { delaySeconds = 0 }) {
    const seconds = Math.min(Math.max(0, Math.round(delaySeconds)), 604_800);
    // The host reads base64, and nothing of it is special to XML.
    const message = Buffer.from(text).toString('base64');
    return {
      url: `${url}/messages?visibilitytimeout=${seconds}&messagettl=-1`,
      headers: {
        'content-type': 'application/xml',
        'x-ms-version': STORAGE_VERSION,
        'x-ms-date': new Date().toUTCString(),
      },
      body: `<QueueMessage><MessageText>${message}</MessageText></QueueMessage>`,
    };
  },

  serviceBus(url, text, { delaySeconds = 0 }) {
    const at = new Date(Date.now() + delaySeconds * 1_000);
    return {
      url: `${url}/messages`,
      headers: {
        'content-type': 'application/json',
        ...(delaySeconds > 0
          ? { BrokerProperties: JSON.stringify({ ScheduledEnqueueTimeUtc: at.toUTCString() }) }
          : {}),
      },
      body: text,
    };
  },

  eventGrid(url, text, { type = 'polyfaas.result' }) {
    const event = {
      specversion: '1.0',
      id: crypto.randomUUID(),
      source: process.env['WEBSITE_SITE_NAME'] ?? 'polyfaas',
      type,
      time: new Date().toISOString(),
      datacontenttype: 'application/json',
      data: JSON.parse(text) as unknown,
    };
    return {
      url,
      headers: {
        'content-type': 'application/cloudevents+json',
      },
      body: JSON.stringify(event),
    };
  },
};
