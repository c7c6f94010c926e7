/** Takes every request of the instance, and brings it where it belongs. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  bareAnswer,
  createDirectServer,
  createSite,
  type DirectReply,
  type DirectReport,
  type DirectServer,
  errorAnswer,
  type IncomingRequest,
  serveRequest,
  type ServerAnswer,
  type Site,
  siteRequestOf,
  type SiteRoute,
} from 'polyfaas/http';
import { CRONS_PATH, DIRECT_PATH, RESERVED_PATH, STATUS } from '../manifest.ts';
import { serveAsync, takeForLater } from './async.ts';
import { serveBinding } from './binding.ts';
import { serveDelivery } from './delivery.ts';
import type { Instance } from './instance.ts';
import { serveCron } from './schedule.ts';

/** 4.5 MB, as Vercel counts them: what it lets through is taken ("Vercel Functions limits"). */
const MAX_BODY_BYTES = 4_718_592;

export class Server {
  readonly #instance: Instance;
  readonly #direct: DirectServer;
  readonly #site: Site;

  constructor(instance: Instance) {
    this.#instance = instance;
    this.#direct = createDirectServer({
      keys: () => instance.keys,
      identity: instance.identity,
      runtime: (startedAhead) => instance.runtime(startedAhead),
      isFresh: () => instance.isFresh,
      initDurationMs: () => instance.initDurationMs,
      report: (call) => this.#report(call),
      statusOf,
    });
    const routes = instance.manifest.bindings.flatMap(({ binding }): SiteRoute[] =>
      binding.event.type === 'http' && binding.event.enabled
        ? [{ id: binding.id, event: binding.event }]
        : [],
    );
    this.#site = createSite({
      routes,
      maxBodyBytes: MAX_BODY_BYTES,
      timeoutMs: instance.identity.timeoutSeconds * 1_000,
      call: (event, http, about) => instance.call({ kind: 'http', event, http }, about),
      report: (message, thrown, requestId) =>
        instance.sink.report('error', message, thrown, requestId),
    });
  }

  /** Resolves when the answer is complete: Vercel may hold the instance still as soon as it is. Never rejects. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const instance = this.#instance;
    instance.touch();
    const complete = new Promise<void>((resolve) => {
      // Its client may have gone while the code was loaded.
      if (response.closed || response.destroyed) resolve();
      response.once('finish', resolve);
      response.once('close', resolve);
    });
    await serveRequest(request, response, {
      mostBytes: MAX_BODY_BYTES,
      answer: (incoming) => this.#answer(incoming),
      failed(thrown) {
        instance.sink.report('error', 'A request could not be served', thrown, '');
        return bareAnswer(STATUS.failed);
      },
    });
    await complete;
  }

  async #answer(incoming: IncomingRequest): Promise<ServerAnswer> {
    const { path } = incoming;
    const { serves } = this.#instance.manifest;
    if (serves !== 'main') {
      return serveDelivery(this.#instance, incoming, (delivery, queues) =>
        serves === 'async'
          ? serveAsync(this.#instance, delivery, queues)
          : serveBinding(this.#instance, serves.bindingId, delivery, queues),
      );
    }
    if (!path.startsWith(RESERVED_PATH)) {
      const request = siteRequestOf(incoming, crypto.randomUUID());
      return this.#site.serve({ ...request, headers: withoutBypass(request.headers) });
    }
    if (path === DIRECT_PATH) {
      if (incoming.request.method !== 'POST') return errorAnswer(405, 'Only POST is taken here.');
      return this.#call(incoming);
    }
    if (path.startsWith(CRONS_PATH)) return serveCron(this.#instance, incoming);
    return errorAnswer(404, 'There is no such path.');
  }

  async #call(incoming: IncomingRequest): Promise<ServerAnswer> {
    const { request, url, headers, body } = incoming;
    const call = { method: request.method ?? 'POST', url, headers, body };
    const mode = new URLSearchParams(url.split('?', 2)[1] ?? '').get('mode');
    if (mode !== 'async') return answerOf(await this.#direct.serve(call));
    const opened = this.#direct.open(call);
    if ('reply' in opened) return answerOf(opened.reply);
    const refused = await takeForLater(this.#instance, opened, headers);
    return refused ?? answerOf(this.#direct.accepted());
  }

  #report({ error, ...end }: DirectReport): void {
    const { kind, requestId, outcome } = end;
    if (kind !== 'invoke') return;
    if (outcome !== 'ok') this.#instance.sink.report('error', 'The call failed', error, requestId);
    this.#instance.line({ ...end, kind });
  }
}

/** It opens all deployments of the project. */
const BYPASS = 'x-vercel-protection-bypass';

/** @param headers name, value, name, value ... */
function withoutBypass(headers: readonly string[]): readonly string[] {
  return headers.filter((_text, at) => headers[at - (at % 2)]?.toLowerCase() !== BYPASS);
}

function answerOf({ status, headers, body }: DirectReply): ServerAnswer {
  return { status, headers: Object.entries(headers).flat(), body };
}

/** What only warms, or looks, is told apart from calls: see `STATUS`. */
function statusOf({ kind, outcome }: DirectReport): number {
  if (kind !== 'invoke') return STATUS.warmed;
  return outcome === 'ok' ? STATUS.ok : outcome === 'timeout' ? STATUS.timedOut : STATUS.failed;
}
