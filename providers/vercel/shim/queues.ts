/**
 * Vercel Queues, as the function's own identity: what is delivered is leased, acknowledged and sent on. The wire is that of
 * `@vercel/queue` 0.6, unpinned: messages go to whichever deployment is in production.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FuncManifest } from '../manifest.ts';

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

/** No answer within so long is a failure. */
const TIMEOUT_MS = 15_000;
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
   * Puts JSON into a topic. What passes by itself is tried again, under one key: the service takes it once.
   *
   * @throws QueueRefusal
   */
  async send(
    topic: string,
    payload: object | string | number | boolean | null,
    delaySeconds = 0,
  ): Promise<void> {
    await this.#call('a message', {
      method: 'POST',
      url: this.#url(this.#region, topic),
      headers: {
        'content-type': 'application/json',
        'vqs-idempotency-key': crypto.randomUUID(),
        ...(delaySeconds > 0 ? { 'vqs-delay-seconds': String(Math.ceil(delaySeconds)) } : {}),
      },
      body: JSON.stringify(payload),
    });
  }

  /**
   * Keeps the message from others for so long from now on; then it is delivered again.
   *
   * @throws QueueRefusal also for a lease that is none, or no longer.
   */
  async hold(lease: Lease, seconds: number): Promise<void> {
    await this.#call('a lease', {
      method: 'PATCH',
      url: this.#leaseUrl(lease),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ visibilityTimeoutSeconds: seconds }),
    });
  }

  /** @throws QueueRefusal also for a lease that is none, or no longer. */
  async acknowledge(lease: Lease): Promise<void> {
    await this.#call('an acknowledgement', {
      method: 'DELETE',
      url: this.#leaseUrl(lease),
      headers: {},
    });
  }

  #url(region: string, ...segments: readonly string[]): string {
    const [topic = '', ...rest] = segments.map(encodeURIComponent);
    const endpoint = this.#endpoint.replace('{region}', region);
    return [`${endpoint}/api/v3/topic/${topic}`, ...rest].join('/');
  }

  #leaseUrl({ topic, consumer, receipt, region }: Lease): string {
    const known = region !== undefined && REGION.test(region) ? region : this.#region;
    return this.#url(known, topic, 'consumer', consumer, 'lease', receipt);
  }

  async #call(what: string, request: WireRequest): Promise<void> {
    if (this.#token === '') {
      throw new QueueRefusal(
        what,
        401,
        'there is no OIDC token. Switch "Secure Backend Access with OIDC Federation" on in the settings of the project.',
      );
    }
    for (const pauseMs of PAUSES_MS) {
      try {
        return await this.#once(what, request);
      } catch (thrown) {
        if (thrown instanceof QueueRefusal) throw thrown;
      }
      await sleep(pauseMs);
    }
    return await this.#once(what, request);
  }

  async #once(what: string, { method, url, headers, body }: WireRequest): Promise<void> {
    const response = await fetch(url, {
      method,
      headers: { ...headers, authorization: `Bearer ${this.#token}` },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { status, ok } = response;
    const said = (await response.text()).slice(0, 300);
    if (ok) return;
    if (status === 408 || status === 429 || status >= 500) {
      throw new Error(`Vercel Queues answered ${status} to ${what}: ${said}`);
    }
    throw new QueueRefusal(what, status, said);
  }
}

interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}
