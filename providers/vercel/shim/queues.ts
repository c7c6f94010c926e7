/**
 * Vercel Queues, as the function's own identity: what is delivered is leased, acknowledged and sent on. The wire is that of
 * `@vercel/queue` 0.6. What is sent is unpinned: it goes to whichever deployment is in production. What is delivered may
 * have been pinned to this one by who sent it, and is there for nobody who does not say that he is it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FuncManifest } from '../manifest.ts';
import { partOf, type Part } from './multipart.ts';

/** One delivery's hold on its message. */
export interface Lease {
  readonly topic: string;
  readonly consumer: string;
  readonly receipt: string;
  /** Where the message is kept; undefined where the function runs. */
  readonly region: string | undefined;
}

/** The service will not have it, however often it is asked. */
export class QueueRefusal extends Error {
  override readonly name = 'QueueRefusal';
  readonly status: number;

  constructor(what: string, status: number, said: string) {
    super(`Vercel Queues answered ${status} to ${what}: ${said}`);
    this.status = status;
  }
}

/** No answer within so long, with all further tries, is a failure. */
const TIMEOUT_MS = 15_000;
/** The same for one try. */
const TRY_MS = 10_000;
/** Pauses before another try, of what passes by itself. */
const PAUSES_MS: readonly number[] = [200, 400, 800];
/** As the vendor's client has it. */
const REGION = /^[a-z]{2,5}\d{1,2}$/;

export class Queues {
  readonly #endpoint: string;
  readonly #region: string;
  readonly #token: string;

  /** @param headers of the request that is being served: with it comes the function's token. */
  constructor(
    { queueEndpoint, region }: Pick<FuncManifest, 'queueEndpoint' | 'region'>,
    headers: Readonly<Record<string, string>>,
  ) {
    this.#endpoint = queueEndpoint;
    this.#region = process.env['VERCEL_REGION'] || region;
    this.#token = headers['x-vercel-oidc-token'] || process.env['VERCEL_OIDC_TOKEN'] || '';
  }

  /**
   * Puts JSON into a topic. What passes by itself is tried again.
   *
   * @param key of what is sent: the service takes it once, within a day. At most 256 characters.
   * @throws QueueRefusal
   */
  async send(
    topic: string,
    payload: object | string | number | boolean | null,
    key: string,
    delaySeconds = 0,
  ): Promise<void> {
    await this.#call('a message', {
      method: 'POST',
      url: this.#url(this.#region, topic),
      headers: {
        'content-type': 'application/json',
        'vqs-idempotency-key': key,
        ...(delaySeconds > 0 ? { 'vqs-delay-seconds': String(Math.ceil(delaySeconds)) } : {}),
      },
      body: JSON.stringify(payload),
    });
  }

  /**
   * Keeps the message from others for so long from now on; then it is delivered again.
   *
   * @param withinMs how long the service has to say so.
   * @throws QueueRefusal also for a lease that is none, or no longer.
   */
  async hold(lease: Lease, seconds: number, withinMs = TIMEOUT_MS): Promise<void> {
    const request = {
      method: 'PATCH',
      url: this.#leaseUrl(lease),
      headers: { ...consumerHeaders(), 'content-type': 'application/json' },
      body: JSON.stringify({ visibilityTimeoutSeconds: seconds }),
    };
    await this.#call('a lease', request, withinMs);
  }

  /**
   * Fetches a message, and keeps it from others for so long. Its headers tell the receipt.
   *
   * @throws QueueRefusal also for a message that is none, or that another delivery has.
   */
  async receive(
    { topic, consumer, messageId, region }: Omit<Lease, 'receipt'> & { readonly messageId: string },
    seconds: number,
  ): Promise<Part> {
    const { type, bytes } = await this.#call('a message that was asked for', {
      method: 'POST',
      url: this.#url(this.#regionOf(region), topic, 'consumer', consumer, 'id', messageId),
      headers: {
        ...consumerHeaders(),
        accept: 'multipart/mixed',
        'vqs-visibility-timeout-seconds': String(seconds),
      },
    });
    const part = partOf(type, bytes);
    if (part === undefined)
      throw new Error(`The message ${messageId} came in no form that is known.`);
    return part;
  }

  /** @throws QueueRefusal also for a lease that is none, or no longer. */
  async acknowledge(lease: Lease): Promise<void> {
    await this.#call('an acknowledgement', {
      method: 'DELETE',
      url: this.#leaseUrl(lease),
      headers: consumerHeaders(),
    });
  }

  #url(region: string, ...segments: readonly string[]): string {
    const [topic = '', ...rest] = segments.map(encodeURIComponent);
    const endpoint = this.#endpoint.replace('{region}', region);
    return [`${endpoint}/api/v3/topic/${topic}`, ...rest].join('/');
  }

  #leaseUrl({ topic, consumer, receipt, region }: Lease): string {
    return this.#url(this.#regionOf(region), topic, 'consumer', consumer, 'lease', receipt);
  }

  #regionOf(region: string | undefined): string {
    return region !== undefined && REGION.test(region) ? region : this.#region;
  }

  async #call(what: string, request: WireRequest, withinMs = TIMEOUT_MS): Promise<WireAnswer> {
    if (this.#token === '') {
      throw new QueueRefusal(
        what,
        401,
        'there is no OIDC token. Switch "Secure Backend Access with OIDC Federation" on in the settings of the project.',
      );
    }
    const until = performance.now() + withinMs;
    for (const pauseMs of PAUSES_MS) {
      try {
        return await this.#once(what, request, until - performance.now());
      } catch (thrown) {
        const isLate = until - performance.now() <= pauseMs;
        if (isLate || thrown instanceof QueueRefusal) throw thrown;
      }
      await sleep(pauseMs);
    }
    return await this.#once(what, request, until - performance.now());
  }

  async #once(
    what: string,
    { method, url, headers, body }: WireRequest,
    leftMs: number,
  ): Promise<WireAnswer> {
    const response = await fetch(url, {
      method,
      headers: { ...headers, authorization: `Bearer ${this.#token}` },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(Math.ceil(Math.min(Math.max(1, leftMs), TRY_MS))),
    });
    const { status, ok } = response;
    const bytes = Buffer.from(await response.arrayBuffer());
    if (ok) return { type: response.headers.get('content-type') ?? '', bytes };
    const said = bytes.toString('utf8').slice(0, 300);
    if (status === 408 || status === 429 || status >= 500) {
      throw new Error(`Vercel Queues answered ${status} to ${what}: ${said}`);
    }
    throw new QueueRefusal(what, status, said);
  }
}

/** As the vendor's client names itself to consume, whatever the message was sent to. */
function consumerHeaders(): Readonly<Record<string, string>> {
  const deploymentId = process.env['VERCEL_DEPLOYMENT_ID'];
  return deploymentId ? { 'vqs-deployment-id': deploymentId } : {};
}

interface WireAnswer {
  /** `content-type` */
  readonly type: string;
  readonly bytes: Buffer;
}

interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}
