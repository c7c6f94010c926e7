/** Sends messages with the function's own identity: copies that come again later, dead letters, outcomes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonValue, MessageEnvelope } from 'polyfaas/function';
import type { SendTarget } from '../manifest.ts';
import { forgetToken, tokenFor } from './token.ts';

/** The version of the storage service's REST API. */
const STORAGE_VERSION = '2021-12-02';

export interface SendOptions {
  /** The message becomes visible after so long. At most 7 days. */
  readonly delaySeconds?: number;
  /** For a topic of Event Grid, which wants to know what happened. */
  readonly type?: string;
  /** What goes with a message to Service Bus, as its application properties. */
  readonly properties?: MessageProperties;
  /** No answer within so long is a failure. Default: 15,000. */
  readonly timeoutMs?: number;
  /** Is tried again until then (`Date.now()`), and a few times in any case. Default: a few times. */
  readonly untilMs?: number;
}

interface MessageProperties {
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly group?: string | undefined;
}

const TIMEOUT_MS = 15_000;

/** What a token is asked for (Microsoft Entra ID). */
const RESOURCES: Readonly<Record<SendTarget['service'], string>> = {
  storageQueue: 'https://storage.azure.com/',
  serviceBus: 'https://servicebus.azure.net',
  eventGrid: 'https://eventgrid.azure.net',
};

/** The pause before another try; each is twice as long as the one before, up to the longest. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** Tries after the first, where there is no time to wait for more: the host repeats the whole message later. */
const MORE_TRIES = 3;

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
  const { untilMs = 0 } = options;
  for (let tries = 1; ; tries += 1) {
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1));
    try {
      return await sendOnce(target, text, options);
    } catch (thrown) {
      const hasTime = tries <= MORE_TRIES || Date.now() + pauseMs < untilMs;
      if (!hasTime || isRefusedForGood(thrown)) throw thrown;
    }
    await sleep(pauseMs);
  }
}

/** The service will not take the message however often it is sent: it is too large, or there is no such queue. */
export function isRefusedForGood(thrown: unknown): boolean {
  return thrown instanceof Refused && !thrown.mayPass;
}

/** It fits in no message of the service. */
export function isTooLarge(thrown: unknown): boolean {
  return thrown instanceof Refused && thrown.isTooLarge;
}

/** The service answered, and did not take the message. */
class Refused extends Error {
  readonly mayPass: boolean;
  readonly isTooLarge: boolean;

  constructor(service: SendTarget['service'], status: number, said: string) {
    super(`${service} answered ${status} to a message: ${said}`);
    // Service Bus says 403 to these too.
    this.isTooLarge = status === 413 || (status === 403 && /exceeds the limit/i.test(said));
    // With 401 the token is at fault, and the next try gets another.
    const passes = status === 401 || status === 403 || status === 429 || status >= 500;
    this.mayPass = passes && !this.isTooLarge;
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

  serviceBus(url, text, { delaySeconds = 0, properties }) {
    const at = new Date(Date.now() + delaySeconds * 1_000);
    const scheduled = delaySeconds > 0 ? { ScheduledEnqueueTimeUtc: at.toUTCString() } : {};
    const { id = '', attributes = {}, group } = properties ?? {};
    if (Object.keys(attributes).length === 0 && group === undefined) {
      return {
        url: `${url}/messages`,
        headers: {
          'content-type': 'application/json',
          ...(delaySeconds > 0 ? { BrokerProperties: JSON.stringify(scheduled) } : {}),
        },
        body: text,
      };
    }
    // Of a message alone, properties are headers, which not all names and values can be: so it is a batch of one.
    const message = {
      Body: text,
      BrokerProperties: {
        ...scheduled,
        ...(id === '' ? {} : { MessageId: id }),
        ...(group === undefined ? {} : { SessionId: group }),
      },
      UserProperties: attributes,
    };
    return {
      url: `${url}/messages`,
      headers: { 'content-type': 'application/vnd.microsoft.servicebus.json' },
      body: JSON.stringify([message]),
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
