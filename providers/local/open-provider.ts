import { fileURLToPath } from 'node:url';
import {
  acceptedResult,
  type FunctionRef,
  nativeFor,
  NEVER_ABORTS,
  notDeployed,
  type PackagingProfile,
  physicalName,
  type ProviderParts,
  ServerlessError,
} from 'polyfaas/spi';
import { CAPABILITIES } from './capabilities.ts';
import { bindingIssues } from './check-binding.ts';
import type { Effects } from './effects.ts';
import { classify } from './errors.ts';
import { EXECUTORS } from './execute.ts';
import { LOCAL, type LocalPlatform } from './native.ts';
import { observedOf } from './observed.ts';
import { functionIssues, platformSettings } from './options.ts';
import { createPlanners } from './plan/index.ts';
import { Platform } from './platform.ts';
import type { LocalProvider } from './provider.ts';
import { jsonOutput } from './reply-output.ts';
import { wholeClock } from './whole-clock.ts';

/** How code is packaged for the local provider. */
const PACKAGING: PackagingProfile = {
  format: 'esm',
  target: 'node22',
  entryFile: 'index.mjs',
  shim: {
    modulePath: fileURLToPath(
      new URL(import.meta.url.endsWith('.ts') ? './shim.ts' : './shim.js', import.meta.url),
    ),
    exports: ['polyfaas'],
  },
  external: [],
  limits: {
    zipBytes: CAPABILITIES.limits.zipBytes,
    unpackedBytes: CAPABILITIES.limits.unpackedBytes,
  },
};

/** All of the local provider that works; loaded when one is opened. */
export async function openLocalProvider(
  parts: ProviderParts,
  effects: Effects,
): Promise<LocalProvider> {
  const settings = platformSettings(parts.providerOptions.local, parts.root);
  const names = new WeakMap<FunctionRef, string>();
  const nameOf = (ref: FunctionRef): string => {
    const known = names.get(ref);
    if (known !== undefined) return known;
    const name = physicalName(ref, CAPABILITIES.names.function);
    names.set(ref, name);
    return name;
  };
  const { random, log } = parts;
  const clock = wholeClock(parts.clock);
  const platform = await Platform.open({ settings, clock, random, log, effects, nameOf });
  const ownRef = (name: string): FunctionRef => ({ app: parts.app, stage: parts.stage, name });
  const native: LocalPlatform = {
    sources: platform.events.sources,
    secrets: platform.secrets,
    fireSchedule: (name, bindingId) => platform.events.fireSchedule(ownRef(name), bindingId),
    settle: () => platform.events.settle(),
    url: (name) => platform.gateway.url(ownRef(name)),
  };

  return {
    specVersion: 1,
    id: 'local',
    capabilities: CAPABILITIES,
    packaging: PACKAGING,
    plan: createPlanners(settings),
    validate: (spec) => functionIssues(spec, settings),
    validateBinding: bindingIssues(settings),
    classify,
    identify: () => Promise.resolve({ account: 'local', region: 'local' }),

    observe(ref, _call, { full = false } = {}) {
      const name = nameOf(ref);
      return effects.run('record.read', false, async () => {
        const record = platform.functions.get(name);
        const url = platform.gateway.url(ref) ?? null;
        return observedOf(
          ref,
          name,
          record,
          url,
          await platform.hasLiveCode(record, full ? 'full' : 'cheap'),
        );
      });
    },

    async *list(scope) {
      yield* platform.functions.list(scope);
    },

    async execute(step, call) {
      const execute = EXECUTORS[step.kind];
      if (!execute) {
        throw new ServerlessError({
          code: 'INVALID_ARGUMENT',
          message: `The local provider has no step "${step.kind}". Make the plan anew with this version of polyfaas.`,
        });
      }
      return { done: true, output: await execute(platform, step, call) };
    },

    async invoke(ref, request, call) {
      const served = platform.live.find(nameOf(ref), ref, request.version);
      const { requestId, trace } = request;
      if (request.mode === 'async') {
        const record = platform.functions.get(nameOf(ref));
        if (!record?.settings) throw notDeployed('local', ref);
        const live = String(record.liveVersion);
        if (request.version !== undefined && request.version !== live) throw onlyLive(ref, live);
        const policy = record.settings.async;
        await platform.events.invokeAsync(ref, request.input, requestId, policy, trace);
        return acceptedResult(requestId, served.version);
      }
      const deadline = Date.now() + served.timeoutSeconds * 1000;
      const reply = await platform.live.call(
        served,
        { kind: 'invoke', event: request.input, meta: { requestId, attempt: 1, deadline, trace } },
        call.signal === NEVER_ABORTS ? undefined : call.signal,
      );
      return {
        output: jsonOutput(reply),
        requestId,
        version: served.version,
        coldStart: reply.coldStart,
        durationMs: reply.durationMs,
        initDurationMs: reply.initDurationMs,
        instanceId: reply.instanceId,
      };
    },

    async metrics(ref, query, call) {
      platform.live.mustExist(nameOf(ref), ref);
      return platform.records.metrics(ref, query, call.signal);
    },

    async *logs(ref, query, call) {
      platform.live.mustExist(nameOf(ref), ref);
      yield* platform.records.logs(ref, query, call.signal);
    },

    native: (token) => nativeFor(token, LOCAL, native),
    close: () => platform.close(),
    abandon: () => platform.abandon(),
  };
}

function onlyLive(ref: FunctionRef, live: string): ServerlessError {
  return new ServerlessError({
    code: 'UNSUPPORTED',
    provider: 'local',
    function: ref.name,
    message: `version: an asynchronous call of "${ref.name}" runs the version that is live when it is delivered, now "${live}". Leave \`version\` out, or call with mode "sync".`,
  });
}
