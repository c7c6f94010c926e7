/** Does the steps of a plan, each a check-then-act. Decides nothing: that was the planner's. */
import {
  ServerlessError,
  type Binding,
  type CallContext,
  type FunctionRef,
  type JsonObject,
  type Step,
} from 'polyfaas/spi';
import type { Platform } from './platform.ts';
import type { FunctionSettings, VersionBody } from './state/functions.ts';

type Execute = (platform: Platform, step: Step, call: CallContext) => Promise<JsonObject>;

interface Target {
  readonly ref: FunctionRef;
  readonly physicalName: string;
}

// The decoder of step inputs: this provider's own planner wrote them, and the engine resolved them.
function inputOf<Input>(step: Step): Target & Input {
  const input: unknown = step.input;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return input as Target & Input;
}

export const EXECUTORS: Readonly<Record<string, Execute>> = {
  'store-artifact': async (platform, step, call) => {
    const { artifactDigest } = inputOf<{ artifactDigest: string }>(step);
    platform.code.reserve(artifactDigest);
    if (!(await platform.code.has(artifactDigest))) {
      const artifact = await call.artifacts.get(artifactDigest);
      await platform.effects.run('artifact.write', true, () => platform.code.put(artifact));
    }
    return {};
  },

  'publish-version': async (platform, step, call) => {
    const { ref, physicalName, body, expected } = inputOf<{
      body: Omit<VersionBody, 'createdAt'>;
      expected: number | null;
    }>(step);
    // Always after the one before, so that it can be told which is older: clocks stand still, and go back.
    const before = platform.functions.get(physicalName)?.versions ?? [];
    const last = Math.max(...before.map((one) => Date.parse(one.createdAt)));
    const createdAt = new Date(Math.max(call.clock.now(), last + 1)).toISOString();
    const published = await platform.effects.run('version.write', true, () =>
      platform.functions.publish(physicalName, ref, { ...body, createdAt }, expected),
    );
    // Only now: a repeat of this step needs the code as much.
    platform.code.release(body.artifactDigest);
    return { ...published, name: String(published.version) };
  },

  'verify-version': async (platform, step) => {
    const { ref, physicalName, version, settings } = inputOf<{
      version: number;
      settings: FunctionSettings;
    }>(step);
    const record = () => platform.functions.get(physicalName);
    await platform.effects.run('instance.start', false, async () => {
      const found = record();
      if (!found) throw gone(ref);
      await platform.live.verify(found, ref, version, settings).catch((error: unknown) => {
        // The platform is being closed: its store may be closed by now.
        if (ServerlessError.isInstance(error) && error.code === 'CANCELLED') throw error;
        // What was deleted cannot start, and that is no fault of the code.
        if (record()?.versions.some((one) => one.version === version)) throw error;
        throw gone(ref);
      });
    });
    return {};
  },

  'go-live': async (platform, step, call) => {
    const { ref, physicalName, version, settings, bindings, expected } = inputOf<{
      version: number;
      settings?: FunctionSettings;
      bindings?: readonly Binding[];
      expected: number | null;
    }>(step);
    const change = () =>
      platform.functions.goLive(physicalName, ref, { version, settings, bindings }, expected);
    const record = await platform.goLive(ref, change, bindings, call.warn);
    await platform.live.ready(physicalName, record.settings?.minInstances ?? 0);
    return { url: platform.gateway.url(ref) ?? null };
  },

  'put-binding': async (platform, step, call) => {
    const { ref, physicalName, binding } = inputOf<{ binding: Binding }>(step);
    const present = platform.functions.get(physicalName)?.bindings ?? [];
    const routes = [...present.filter(({ id }) => id !== binding.id), binding];
    await platform.goLive(
      ref,
      () => platform.functions.putBinding(physicalName, ref, binding),
      routes,
      call.warn,
    );
    return { url: platform.gateway.url(ref) ?? null };
  },

  'delete-binding': async (platform, step, call) => {
    const { ref, physicalName, bindingId } = inputOf<{ bindingId: string }>(step);
    if (!platform.functions.get(physicalName)) return {};
    await platform.goLive(
      ref,
      () => platform.functions.deleteBinding(physicalName, ref, bindingId),
      undefined,
      call.warn,
    );
    return {};
  },

  'delete-versions': async (platform, step) => {
    const { physicalName, versions } = inputOf<{ versions: readonly number[] }>(step);
    await platform.effects.run('versions.delete', true, () =>
      platform.functions.deleteVersions(physicalName, versions),
    );
    platform.live.dropVersions(physicalName, versions);
    await platform.sweep();
    return {};
  },

  'remove-function': async (platform, step, call) => {
    const { ref, physicalName } = inputOf<object>(step);
    await platform.remove(ref, physicalName, call.warn);
    return {};
  },

  warm: async (platform, step, call) => {
    const { ref, physicalName, instances } = inputOf<{ instances: number }>(step);
    const served = platform.live.find(physicalName, ref, undefined);
    const { distinctInstances, started } = await served.pool.warm(instances);
    for (let count = 0; count < started; count += 1) {
      platform.records.add({
        ref,
        requestId: step.id,
        version: served.version,
        kind: 'warm',
        endedMs: call.clock.now(),
        durationMs: null,
        initDurationMs: null,
        coldStart: false,
        outcome: 'ok',
        memoryMb: null,
      });
    }
    return { distinctInstances };
  },
};

function gone(ref: FunctionRef): ServerlessError {
  return new ServerlessError({
    code: 'CONFLICT',
    provider: 'local',
    function: ref.name,
    message: `Somebody else removed "${ref.name}", or this version of it, meanwhile. Deploy it again.`,
  });
}
