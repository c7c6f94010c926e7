/** Starting and ending the hosts of sites. */
import { randomBytes } from 'node:crypto';
import type { HostSetup } from '../core/ports.ts';
import { listOf, numberOf, textOf } from './body.ts';
import { resolvedSettings } from './environment.ts';
import { storageProblems } from './host-storage.ts';
import { mountedFiles } from './mount.ts';
import {
  SETTINGS_MS,
  fullName,
  identitiesOf,
  scaleOf,
  type AppState,
  type HostKeys,
  type Run,
  type SiteHost,
  type WebState,
} from './state.ts';

/** A host that could not start tries again after so long. */
const RETRY_MS = 10_000;

export class Hosts {
  readonly #state: WebState;
  readonly #listeners = new Set<(siteId: string) => void>();

  constructor(state: WebState) {
    this.#state = state;
  }

  onRestart(listener: (siteId: string) => void): void {
    this.#listeners.add(listener);
  }

  /** The present generation, started if need be. One that could not start is tried again. */
  present(app: AppState): Run {
    if (app.run && app.run.problems.length === 0) return app.run;
    const settings = resolvedSettings(this.#state, app);
    const problems = this.#problems(app, settings);
    if (problems.length > 0) {
      const files = undefined;
      app.run = { host: brokenHost(problems), problems, settings, files };
      if (!app.cancelTimer) this.#later(app, RETRY_MS, () => this.restart(app));
      return app.run;
    }
    const wasBroken = app.run !== undefined;
    // It starts with all that is new, so what was to come is done.
    app.cancelTimer?.();
    app.cancelTimer = undefined;
    const files = mountedFiles(this.#state, app, settings);
    const host = this.#state.world.runtime.start(this.#setup(app, settings, files));
    app.run = { host, problems, settings, files };
    const wasKnown = app.isKnown;
    // A host that runs tells the platform its triggers.
    if (files) app.isKnown = true;
    if (wasBroken || wasKnown !== app.isKnown) queueMicrotask(() => this.tell(app));
    return app.run;
  }

  /** Ends the present generation; the next one starts when somebody wants something of it. */
  restart(app: AppState): void {
    this.end(app);
    // Instances of Premium are always there; Consumption has to be told of the triggers.
    const isPremium = this.#state.planOf(app).family === 'premium';
    if (isPremium && app.settings['WEBSITE_RUN_FROM_PACKAGE'] !== undefined) app.isKnown = true;
    if (!app.isStopped && this.#isKeptWarm(app)) this.present(app);
    this.tell(app);
  }

  /** A restart as a change of settings brings it about: a little later. */
  restartSoon(app: AppState): void {
    this.#later(app, SETTINGS_MS, () => this.restart(app));
  }

  end(app: AppState): void {
    app.cancelTimer?.();
    app.cancelTimer = undefined;
    const host = app.run?.host;
    app.run = undefined;
    if (host) this.#state.world.work.run(() => host.stop());
  }

  tell(app: AppState): void {
    for (const listener of this.#listeners) listener(app.id);
  }

  #later(app: AppState, delayMs: number, act: () => void): void {
    app.cancelTimer?.();
    app.cancelTimer = this.#state.world.clock.after(delayMs, () => {
      app.cancelTimer = undefined;
      if (!app.isGone) act();
    });
  }

  #isKeptWarm(app: AppState): boolean {
    if (!app.isKnown) return false;
    return this.#state.planOf(app).family === 'premium' || Object.keys(alwaysReady(app)).length > 0;
  }

  #problems(app: AppState, settings: Readonly<Record<string, string>>): readonly string[] {
    if (this.#state.planOf(app).family !== 'flex') {
      const version = settings['FUNCTIONS_EXTENSION_VERSION'] ?? '';
      if (!/^~?4(\.|$)/.test(version)) {
        return [`The extension version '${version}' is no version of the Functions host.`];
      }
      const runtime = settings['FUNCTIONS_WORKER_RUNTIME'] ?? '';
      if (runtime !== 'node') return [`Did not find functions with language [${runtime}].`];
    }
    const { isReached, problems } = storageProblems(this.#state, app, settings);
    if (isReached) app.keys ??= newKeys();
    return problems;
  }

  #setup(
    app: AppState,
    settings: Readonly<Record<string, string>>,
    files: HostSetup['files'],
  ): HostSetup {
    const plan = this.#state.planOf(app);
    const shared = {
      siteName: fullName(app),
      siteId: app.id,
      files,
      settings: { ...settings, WEBSITE_HOSTNAME: app.host },
      region: app.location,
      identities: identitiesOf(this.#state, app),
    };
    const scale = scaleOf(app);
    if (plan.family === 'flex') {
      const memoryMb = numberOf(scale, 'instanceMemoryMB') ?? 2048;
      return {
        ...shared,
        memoryMb,
        maxInstances: numberOf(scale, 'maximumInstanceCount') ?? 100,
        httpConcurrency:
          numberOf(scale, 'triggers', 'http', 'perInstanceConcurrency') ??
          FLEX_CONCURRENCY[memoryMb] ??
          16,
        alwaysReady: alwaysReady(app),
      };
    }
    if (plan.family === 'consumption') {
      return {
        ...shared,
        memoryMb: 1536,
        maxInstances: 100,
        httpConcurrency: 100,
        alwaysReady: {},
      };
    }
    const least = numberOf(app.siteConfig, 'minimumElasticInstanceCount') ?? 1;
    return {
      ...shared,
      memoryMb: PREMIUM_MB[plan.sku.name] ?? 3584,
      maxInstances: Math.max(1, plan.maximumElasticWorkerCount),
      httpConcurrency: 100,
      alwaysReady: { http: Math.max(1, least) },
    };
  }
}

const FLEX_CONCURRENCY: Readonly<Record<number, number>> = { 512: 4, 2048: 16, 4096: 32 };
const PREMIUM_MB: Readonly<Record<string, number>> = { EP1: 3584, EP2: 7168, EP3: 14_336 };

function alwaysReady(app: AppState): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const entry of listOf(scaleOf(app), 'alwaysReady') ?? []) {
    const count = numberOf(entry, 'instanceCount') ?? 0;
    if (count > 0) counts[textOf(entry, 'name') ?? ''] = count;
  }
  return counts;
}

function newKeys(): HostKeys {
  return {
    master: newKey(),
    functions: new Map([['default', newKey()]]),
    system: new Map(),
    ofFunctions: new Map(),
  };
}

/** 40 bytes and a mark, as the host makes its keys. */
export function newKey(): string {
  return `${randomBytes(40).toString('base64url')}AzFu==`;
}

/** What stands where a host could not start. */
function brokenHost(errors: readonly string[]): SiteHost {
  return {
    status: () => Promise.resolve({ state: 'Error', errors }),
    functions: () => Promise.resolve([]),
    invoke: () =>
      Promise.resolve({ ok: false, crashed: false, message: 'Function host is not running.' }),
    stop: () => Promise.resolve(),
    http: () =>
      Promise.resolve({
        status: 503,
        headers: { 'content-type': 'text/plain' },
        body: 'Function host is not running.',
      }),
  };
}
