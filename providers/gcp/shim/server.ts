/** Takes every request of the instance, and brings it where it belongs. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  createDirectServer,
  createSite,
  type DirectKey,
  type DirectReport,
  type DirectServer,
  type IncomingRequest,
  parseDirectKeys,
  serveRequest,
  type Site,
  siteRequestOf,
  type SiteRoute,
} from 'polyfaas/http';
import {
  ASYNC_PATH,
  type BindingPolicy,
  DIRECT_PATH,
  EVENTS_PATH,
  RELAY_PATH,
  RESERVED_PATH,
  type RuntimeSettings,
  STATUS,
} from '../manifest.ts';
import { AGAIN, type Answer, bare, plain } from './answer.ts';
import { serveAsync } from './async.ts';
import { CallerCheck } from './caller.ts';
import type { Instance } from './instance.ts';
import { deliveryOf } from './push.ts';
import { servePushed } from './pushed.ts';
import { serveRelay } from './relay.ts';
import { serveSchedule } from './schedule.ts';
import { NoSettings } from './settings.ts';

/** Cloud Run takes a request of at most 32 MB over HTTP/1. */
const MAX_BODY_BYTES = 33_554_432;
/** And passes on an answer of as much, with its headers. Of a larger one its log tells, and not who called. */
const MAX_ANSWER_BYTES = MAX_BODY_BYTES - 16_384;

export class Server {
  readonly #instance: Instance;
  readonly #callers: CallerCheck;
  readonly #direct: DirectServer;
  #keys: { readonly text: string; readonly keys: readonly DirectKey[] } = { text: '', keys: [] };
  #site: { readonly settings: RuntimeSettings; readonly site: Site } | undefined;
  /** Requests that the handler has, by their ids. */
  readonly #handed = new Set<string>();
  /** Forms of bindings that deliveries name, and that are none even in the newest settings; by binding. */
  readonly #unknown = new Map<string, string>();
  #underWay = 0;
  #idle: (() => void) | undefined;

  constructor(instance: Instance) {
    this.#instance = instance;
    this.#callers = new CallerCheck(instance.manifest);
    this.#direct = createDirectServer({
      keys: () => this.#keys.keys,
      identity: instance.identity,
      runtime: (startedAhead) => instance.runtime(startedAhead),
      isFresh: () => instance.isFresh,
      initDurationMs: () => instance.initDurationMs,
      report: (call) => this.#report(call),
      statusOf,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    });
  }

  /** Resolves when every answer is on its way, at once where nothing is to be answered. */
  async idle(): Promise<void> {
    if (this.#underWay === 0) return;
    await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  /** Never rejects. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const instance = this.#instance;
    this.#underWay += 1;
    response.on('close', () => {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#idle?.();
    });
    instance.touch();
    await serveRequest(request, response, {
      mostBytes: MAX_BODY_BYTES,
      answer: (incoming) => this.#answer(incoming),
      failed(thrown) {
        instance.sink.report('error', 'A request could not be served', thrown, '');
        return thrown instanceof NoSettings ? plain(503, thrown.message) : bare(STATUS.failed);
      },
    });
  }

  async #answer(incoming: IncomingRequest): Promise<Answer> {
    const { path, request } = incoming;
    if (!path.startsWith(RESERVED_PATH)) return this.#http(incoming);
    // Somebody looks whether anybody is let in: no call, and not to be counted as one.
    if (path === RESERVED_PATH && request.method === 'GET') return bare(STATUS.warmed);
    if (request.method !== 'POST') return plain(405, 'Only POST is taken here.');
    if (path === DIRECT_PATH) return this.#call(incoming);
    if (path === ASYNC_PATH) {
      return this.#delivered(incoming, async (settings) => {
        const delivery = deliveryOf(incoming.body);
        if (delivery === undefined) return plain(400, 'The body is no message of Pub/Sub.');
        const rules = settings.async ?? (await this.#instance.settings.lookAgain()).async;
        return rules === undefined ? AGAIN : serveAsync(this.#instance, rules, delivery);
      });
    }
    if (path.startsWith(EVENTS_PATH)) {
      return this.#bound(incoming, EVENTS_PATH, async (policy) => {
        const delivery = deliveryOf(incoming.body);
        if (policy.binding.event.type === 'schedule') {
          // A message is for another binding, which had this id before.
          return delivery === undefined
            ? serveSchedule(this.#instance, policy, incoming.headers)
            : AGAIN;
        }
        return delivery === undefined
          ? plain(400, 'The body is no message of Pub/Sub.')
          : servePushed(this.#instance, policy, delivery);
      });
    }
    if (path.startsWith(RELAY_PATH)) {
      return this.#bound(incoming, RELAY_PATH, async (policy) =>
        serveRelay(this.#instance, policy, incoming.headers, incoming.body),
      );
    }
    return plain(404, 'There is no such path.');
  }

  async #call({ request, url, headers, body }: IncomingRequest): Promise<Answer> {
    const { settings } = this.#instance;
    this.#useKeys(await settings.fresh());
    // A key that was made since.
    const keyId = headers['x-polyfaas-key'];
    if (keyId !== undefined && !this.#keys.keys.some(({ id }) => id === keyId)) {
      this.#useKeys(await settings.lookAgain());
    }
    const method = request.method ?? 'POST';
    const reply = await this.#direct.serve({ method, url, headers, body });
    return { ...reply, headers: Object.entries(reply.headers).flat() };
  }

  #report({ error, ...end }: DirectReport): void {
    const { kind, requestId, outcome } = end;
    if (kind !== 'invoke') return;
    if (outcome !== 'ok') this.#instance.sink.report('error', 'The call failed', error, requestId);
    this.#instance.line({ ...end, kind });
  }

  #useKeys({ keys }: RuntimeSettings): void {
    if (keys !== this.#keys.text) this.#keys = { text: keys, keys: parseDirectKeys(keys) };
  }

  /** Serves what one of Google's services delivers, once it is sure that it is one. */
  async #delivered(
    { request }: IncomingRequest,
    work: (settings: RuntimeSettings) => Promise<Answer>,
  ): Promise<Answer> {
    const { settings, sink } = this.#instance;
    let known = await settings.fresh();
    try {
      if (!(await this.#callers.isOurs(request, known))) {
        known = await settings.lookAgain();
        if (!(await this.#callers.isOurs(request, known))) {
          return plain(401, 'The caller is not who delivers events to this function.');
        }
      }
    } catch (thrown) {
      if (thrown instanceof NoSettings) throw thrown;
      // It comes again, until something can be said.
      sink.report('error', 'A delivery waits', thrown, '');
      return plain(503, 'The caller cannot be told now.');
    }
    return work(known);
  }

  /** The same for what belongs to a binding, as it is now: the address tells which form of it is meant. */
  async #bound(
    incoming: IncomingRequest,
    prefix: string,
    work: (policy: BindingPolicy) => Promise<Answer>,
  ): Promise<Answer> {
    const id = decoded(incoming.path.slice(prefix.length));
    if (id === undefined) return plain(404, 'There is no such path.');
    const meant = new URLSearchParams(incoming.url.split('?', 2)[1] ?? '').get('policy');
    return this.#delivered(incoming, async (settings) => {
      const known = policyOf(settings, id);
      const policy = isMeant(known, meant) ? known : await this.#policyNow(id, meant);
      // Its settings may be on their way; and where it was unbound, its subscription is about to go, and with it the
      // message.
      return policy === undefined ? AGAIN : work(policy);
    });
  }

  /** Where the settings cannot be read, the delivery fails, and comes again. */
  async #policyNow(id: string, meant: string | null): Promise<BindingPolicy | undefined> {
    const { settings } = this.#instance;
    // What is known to be unknown must not make us read at each delivery.
    const isAsked = this.#unknown.get(id) === (meant ?? '');
    const policy = policyOf(isAsked ? await settings.lookAgain() : await settings.readNow(), id);
    if (isMeant(policy, meant)) this.#unknown.delete(id);
    else this.#unknown.set(id, meant ?? '');
    return policy;
  }

  async #http(request: IncomingRequest): Promise<Answer> {
    const { settings } = this.#instance;
    const requestId = crypto.randomUUID();
    const incoming = siteRequestOf(request, requestId);
    try {
      const known = await settings.fresh();
      const reply = await this.#siteOf(known).serve(incoming);
      const isUnrouted = reply.status === 404 || reply.status === 405;
      // The handler's own answer is one; what was done must not be done twice.
      if (!isUnrouted || this.#handed.has(requestId)) return reply;
      // The route may be new.
      const now = await settings.lookAgain();
      return now === known ? reply : await this.#siteOf(now).serve(incoming);
    } finally {
      this.#handed.delete(requestId);
    }
  }

  #siteOf(settings: RuntimeSettings): Site {
    if (this.#site?.settings === settings) return this.#site.site;
    const instance = this.#instance;
    const routes = settings.bindings.flatMap(({ binding }): SiteRoute[] =>
      binding.event.type === 'http' && binding.event.enabled
        ? [{ id: binding.id, event: binding.event }]
        : [],
    );
    const site = createSite({
      routes,
      maxBodyBytes: MAX_BODY_BYTES,
      timeoutMs: instance.identity.timeoutSeconds * 1_000,
      call: (event, http, about) => {
        this.#handed.add(about.requestId);
        return instance.call({ kind: 'http', event, http }, about);
      },
      report: (message, thrown, requestId) =>
        instance.sink.report('error', message, thrown, requestId),
    });
    this.#site = { settings, site };
    return site;
  }
}

function policyOf({ bindings }: RuntimeSettings, id: string): BindingPolicy | undefined {
  return bindings.find(({ binding }) => binding.id === id);
}

/** Whether a policy is of the form that a delivery names. */
function isMeant(policy: BindingPolicy | undefined, meant: string | null): boolean {
  return policy !== undefined && (meant === null || policy.digest === meant);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** What only warms, or looks, is told apart from calls: see `STATUS`. */
function statusOf({ kind, outcome }: DirectReport): number {
  if (kind !== 'invoke') return STATUS.warmed;
  return outcome === 'ok' ? STATUS.ok : outcome === 'timeout' ? STATUS.timedOut : STATUS.failed;
}
