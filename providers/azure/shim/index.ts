/** The shim: registers the functions of a package, and turns what Azure sends into calls of the user's handler. */
import type * as Library from '@azure/functions';
import type { HttpRequest, HttpResponseInit, InvocationContext, Timer } from '@azure/functions';
import { type BoundHandler, type JsonObject } from 'polyfaas/function';
import {
  createDirectServer,
  type DirectServer,
  errorAnswer,
  takeOverCallConsole,
} from 'polyfaas/http';
import { createSite, type Site, type SiteRoute } from 'polyfaas/http';
import {
  OWN_FUNCTIONS,
  packageSetting,
  SETTING,
  type BindingPolicy,
  type PackageManifest,
  type TriggerMethod,
  type TriggerSpec,
} from '../manifest.ts';
import { serveAsync } from './async.ts';
import { Instance } from './instance.ts';
import { serveOrdered } from './ordered.ts';
import { serveQueue } from './queue.ts';
import { failureLine, report } from './report.ts';
import { serveServiceBus } from './service-bus.ts';
import { serveTimer } from './timer.ts';
import { bytesOf, isBodyLost, responseOf, siteRequestOf } from './web.ts';

type App = typeof Library.app;
type Serve = (input: unknown, context: InvocationContext) => unknown;

/** The load balancer gives up on an answer then (Azure Functions, "HTTP trigger limits"). */
const FRONT_LIMIT_MS = 230_000;
/** Its answer must be on its way before that. */
const ANSWER_BEFORE_END_MS = 1_000;
/** Azure Functions takes a request of at most 100 MB. */
const MAX_BODY_BYTES = 104_857_600;

/**
 * What a text holds that is JSON, the host writes over what it knows of the message: over its id and the count of its
 * deliveries, where the sender uses these names too. And it leaves empty texts out of batches. Bytes it leaves alone.
 */
const AS_BYTES: ReadonlySet<TriggerMethod> = new Set([
  'storageQueue',
  'serviceBusQueue',
  'serviceBusTopic',
  'eventHub',
]);

const NO_LENGTH = errorAnswer(
  411,
  'The request needs a Content-Length: Azure Functions takes no body whose length is not told ahead.',
);

// The shim is loaded before the user's code, though behind what that imports from outside the bundle.
takeOverCallConsole();

export interface Entry {
  /**
   * @param beganAt `performance.now()` at the first line of the package.
   * @param keys the invoke keys, as the app setting holds them; undefined without any.
   */
  register(
    library: { readonly app: App },
    manifest: PackageManifest,
    beganAt: number,
    keys: string | undefined,
  ): void;
}

export function createEntry(handler: BoundHandler): Entry {
  return {
    register({ app }, manifest, beganAt, keys) {
      refuseMissingSettings(manifest);
      const instance = new Instance(handler, manifest, beganAt, keys);
      const shim = new Shim(instance);
      for (const trigger of manifest.triggers) shim.register(app, trigger);
    },
  };
}

/** Without them events would be dropped, and requests answered with 404, in silence. */
function refuseMissingSettings({ triggers }: PackageManifest): void {
  const isBound = triggers.some(
    ({ bindingId, name }) => bindingId !== null || name === OWN_FUNCTIONS.http,
  );
  if (!isBound || process.env[SETTING.bindings] !== undefined) return;
  throw new Error(
    'The app settings of this package are gone: somebody else wrote over them. Deploy the function again.',
  );
}

class Shim {
  readonly #instance: Instance;
  #site: Site | undefined;
  #direct: DirectServer | undefined;
  readonly #contexts = new Map<string, InvocationContext>();

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  register(app: App, { name, method, bindingId, options }: TriggerSpec): void {
    const policy = this.#instance.policies.find(({ binding }) => binding.id === bindingId);
    const handler: Serve = this.#serverOf(name, policy, method);
    // The adapter wrote what is registered; the library checks nothing of it, and the host all.
    const register: unknown = app[method];
    const declared = withOwnNames(this.#instance.manifest.settings, withMoment(options));
    const form = AS_BYTES.has(method) ? { dataType: 'binary' } : {};
    if (isRegister(register)) register.call(app, name, { ...declared, ...form, handler });
  }

  #serverOf(name: string, policy: BindingPolicy | undefined, method: TriggerMethod): Serve {
    if (name === OWN_FUNCTIONS.direct) return (request, context) => this.#call(request, context);
    if (name === OWN_FUNCTIONS.http) return (request, context) => this.#http(request, context);
    if (name === OWN_FUNCTIONS.async) {
      return (message, context) => serveAsync(this.#instance, message, context);
    }
    if (policy === undefined) {
      // Failing keeps the message; what is bound to nothing must not be lost.
      return () => {
        throw new Error(`The function "${name}" has no binding in the app's settings.`);
      };
    }
    return serverOf(this.#instance, policy, method);
  }

  async #http(request: unknown, context: InvocationContext): Promise<HttpResponseInit> {
    this.#site ??= this.#createSite();
    if (!isRequest(request)) throw new TypeError('The host sent no request.');
    if (isBodyLost(request)) return responseOf(NO_LENGTH);
    const incoming = await siteRequestOf(request, context);
    this.#contexts.set(incoming.requestId, context);
    try {
      return responseOf(await this.#site.serve(incoming));
    } finally {
      this.#contexts.delete(incoming.requestId);
      // A handler that is overdue may run on.
      this.#instance.sink.end(incoming.requestId);
    }
  }

  #createSite(): Site {
    const { policies, identity } = this.#instance;
    const routes = policies.flatMap(({ binding }): SiteRoute[] =>
      binding.event.type === 'http' && binding.event.enabled
        ? [{ id: binding.id, event: binding.event }]
        : [],
    );
    return createSite({
      routes,
      maxBodyBytes: MAX_BODY_BYTES,
      timeoutMs: Math.min(identity.timeoutSeconds * 1_000, FRONT_LIMIT_MS - ANSWER_BEFORE_END_MS),
      call: (request, http, { requestId, trace, signal }) => {
        const context = this.#contextOf(requestId);
        const call = { kind: 'http', event: request, http } as const;
        return this.#instance.call(call, { requestId, trace, signal }, context);
      },
      report: (message, thrown, requestId) =>
        report(this.#instance, 'error', message, thrown, this.#contextOf(requestId)),
    });
  }

  #contextOf(requestId: string): InvocationContext {
    const context = this.#contexts.get(requestId);
    if (context === undefined) throw new Error(`The call ${requestId} is over.`);
    return context;
  }

  async #call(request: unknown, context: InvocationContext): Promise<HttpResponseInit> {
    if (!isRequest(request)) throw new TypeError('The host sent no request.');
    const instance = this.#instance;
    this.#direct ??= createDirectServer({
      keys: () => instance.keys,
      identity: instance.identity,
      runtime: (startedAhead) => instance.runtime(startedAhead),
      isFresh: () => instance.isFresh,
      initDurationMs: () => instance.initDurationMs,
      report: ({ error, ...end }) => {
        const { kind, requestId, outcome } = end;
        if (kind === 'invoke') {
          if (outcome !== 'ok') {
            const { text, fields } = failureLine('The call failed', error);
            instance.sink.write('error', text, fields, { requestId });
          }
          instance.line({ ...end, kind });
        } else {
          const { version, instanceId = '' } = instance.identity;
          instance.sink.line({ polyfaas: kind, version, instanceId }, requestId);
        }
      },
    });
    const { pathname, search } = new URL(request.url);
    const headers = Object.fromEntries(request.headers);
    const requestId = headers['x-polyfaas-request-id'] ?? context.invocationId;
    instance.sink.begin(requestId, context);
    try {
      const reply = await this.#direct.serve({
        method: request.method.toUpperCase(),
        url: `${pathname}${search}`,
        headers,
        body: (await bytesOf(request)) ?? new Uint8Array(),
      });
      return { status: reply.status, headers: { ...reply.headers }, body: reply.body };
    } finally {
      instance.touch();
      instance.sink.end(requestId);
    }
  }
}

function serverOf(instance: Instance, policy: BindingPolicy, method: TriggerMethod): Serve {
  if (method === 'timer') {
    return (timer, context) =>
      isTimer(timer) ? serveTimer(instance, policy, timer, context) : undefined;
  }
  if (method === 'storageQueue') {
    return (message, context) => serveQueue(instance, policy, message, context);
  }
  if (method === 'serviceBusQueue' || method === 'serviceBusTopic') {
    return (message, context) => serveServiceBus(instance, policy, message, context);
  }
  return (messages, context) => serveOrdered(instance, policy, messages, context);
}

/**
 * A moment is read before the host resolves settings in it, in some versions of its extension for Cosmos DB: so it is
 * resolved here.
 */
function withMoment(options: JsonObject): JsonObject {
  const given = options['startFromTime'];
  const name = typeof given === 'string' ? /^%(\w+)%$/.exec(given)?.[1] : undefined;
  const moment = name === undefined ? undefined : process.env[name];
  return moment === undefined ? options : { ...options, startFromTime: moment };
}

/** The host resolves names by itself, and it has the settings of this package under their full names only. */
function withOwnNames(key: string, options: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(options).map(([field, value]) => [
      field,
      typeof value === 'string'
        ? value.replaceAll(
            /%(POLYFAAS_B_\w+)%/g,
            (_, name: string) => `%${packageSetting(key, name)}%`,
          )
        : value,
    ]),
  );
}

function isRegister(
  value: unknown,
): value is (this: App, name: string, options: Readonly<Record<string, unknown>>) => void {
  return typeof value === 'function';
}

function isRequest(value: unknown): value is HttpRequest {
  return typeof value === 'object' && value !== null && 'headers' in value && 'url' in value;
}

function isTimer(value: unknown): value is Timer {
  return typeof value === 'object' && value !== null;
}
