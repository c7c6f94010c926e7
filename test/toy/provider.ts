/** A complete adapter, as a third party would write it: from the platform's API in `cloud.ts` to the interface. */
import { fileURLToPath } from 'node:url';
import * as spi from 'polyfaas/spi';
import { TOY_CAPABILITIES } from './capabilities.ts';
import { ToyError, type ToyCloud, type ToyState, type ToyVersion } from './cloud.ts';

/** Every call to the cloud goes through here. */
export type Send = <Value>(changes: boolean, act: () => Value | Promise<Value>) => Promise<Value>;

export interface ToyObserved extends spi.ObservedFunction {
  readonly owner: 'nobody' | 'us' | 'stranger';
  readonly state: ToyState;
  readonly live?: ToyVersion | undefined;
}

/** Every step names the function. */
interface OfFunction {
  readonly name: string;
  readonly ref: spi.FunctionRef;
}

/** What each kind of step carries. */
interface ToySteps {
  readonly publish: OfFunction & {
    readonly artifactDigest: string;
    readonly adopt: boolean;
    readonly body: Omit<ToyVersion, 'version' | 'createdAt'>;
  };
  readonly verify: OfFunction & { readonly version: string };
  readonly put: OfFunction & { readonly expected: string; readonly state: ToyState };
  readonly retire: OfFunction & { readonly versions: readonly string[] };
  readonly remove: OfFunction;
}

const done = (output: object | void): spi.StepResult => ({
  done: true,
  output: spi.jsonObject(output ?? {}),
});

const nameOf = (ref: spi.FunctionRef): string =>
  spi.physicalName(ref, TOY_CAPABILITIES.names.function);

type Draft = readonly [kind: string, phase: spi.Phase, input: object];

const when = (isWanted: boolean, ...draft: Draft): readonly Draft[] => (isWanted ? [draft] : []);

function plan(
  operation: spi.Operation,
  ref: spi.FunctionRef,
  observed: ToyObserved,
  steps: readonly Draft[],
  result: object = {},
  changes: readonly spi.Change[] = [],
): spi.Plan {
  const action: spi.Change['action'] =
    operation === 'remove' ? 'delete' : observed.owner === 'us' ? 'update' : 'create';
  return {
    specVersion: 1,
    provider: 'toy',
    operation,
    function: ref,
    basedOn: observed.token,
    steps: steps.map(([kind, phase, input]) => ({
      id: kind,
      phase,
      kind,
      title: `${kind} ${ref.name}`,
      input: spi.jsonObject({ name: nameOf(ref), ref, ...input }),
      locks: [nameOf(ref)],
      deadlineSeconds: 60,
    })),
    changes: [...steps.map(([kind]) => ({ action, subject: kind })), ...changes],
    warnings: [],
    result: spi.jsonObject(result),
  };
}

/** Of the versions that are neither live nor wished, the oldest: those that are more than are kept. */
function tooMany({ description }: ToyObserved, keep: number, wish?: string): readonly string[] {
  const { versions = [], liveVersion } = description ?? {};
  const old = versions.filter(({ version, digest }) =>
    wish === undefined ? version !== liveVersion : digest !== wish,
  );
  return old.slice(0, Math.max(0, old.length + 1 - keep)).map(({ version }) => version);
}

/** Sets what is live and bound, in one act, if nobody else did meanwhile. */
function put(
  operation: spi.Operation,
  ref: spi.FunctionRef,
  observed: ToyObserved,
  change: Partial<ToyState>,
  result: object,
): spi.Plan {
  const state = { ...observed.state, ...change };
  const isSame = spi.sameJson(state, observed.state);
  const phase = operation === 'rollback' ? 'switch' : 'bind';
  const input = { expected: observed.token, state };
  return plan(operation, ref, observed, when(!isSame, 'put', phase, input), result);
}

export const TOY_PLANNERS: spi.Planners<ToyObserved> = {
  deploy({ ref, spec, artifact, versionDigest, adopt, prune }, observed) {
    if (observed.owner === 'stranger' && !adopt) {
      const message = `${nameOf(ref)} is not ours. Deploy with adopt: true to take it over.`;
      throw new spi.ServerlessError({ code: 'ALREADY_EXISTS', message });
    }
    const { live } = observed;
    const isSame = live?.digest === versionDigest;
    const version = isSame ? live.version : { $from: 'publish.version' };
    const present = observed.state.bindings;
    const bindings = spi.reconcileBindings(spec.bindings, present, { prune }).result;
    const state = { live: version, bindings, async: spec.async };
    const { memoryMb, timeoutSeconds, env } = spec;
    const { entryFile, handles, digest: artifactDigest } = artifact;
    const parts = { artifactDigest, entryFile, handles, memoryMb, timeoutSeconds, env };
    const body = { digest: versionDigest, ...parts };
    const doomed = tooMany(observed, spec.keepVersions, versionDigest);
    const steps = [
      ...when(!isSame, 'publish', 'publish', { adopt, artifactDigest, body }),
      ...when(!isSame, 'verify', 'verify', { version }),
      ...when(!spi.sameJson(state, observed.state), 'put', 'switch', {
        expected: observed.token,
        state,
      }),
      ...when(doomed.length > 0, 'retire', 'retire', { versions: doomed }),
    ];
    const result = { version, url: null, bindings, digest: versionDigest };
    const was = live ?? body;
    const changes: readonly spi.Change[] = [
      { action: 'update', subject: 'version', from: live?.version ?? null },
      ...spi.versionFieldChanges(was, body),
      ...spi.envChanges(was.env, env),
    ];
    return plan('deploy', ref, observed, steps, result, isSame ? [] : changes);
  },
  configureEvent({ ref, binding }, observed) {
    const bindings = observed.state.bindings.filter(({ id }) => id !== binding.id).concat(binding);
    const isSame = observed.state.bindings.some((one) => spi.sameJson(one, binding));
    return put('configureEvent', ref, observed, isSame ? {} : { bindings }, { url: null });
  },
  removeEvent({ ref, bindingId }, observed) {
    const bindings = observed.state.bindings.filter(({ id }) => id !== bindingId);
    return put('removeEvent', ref, observed, { bindings }, {});
  },
  preWarm: ({ ref }, observed) => plan('preWarm', ref, observed, []),
  rollback({ ref, version = '' }, observed) {
    const digest = observed.description?.versions.find((one) => one.version === version)?.digest;
    const { bindings } = observed.state;
    const result = { version, url: null, bindings, digest };
    return put('rollback', ref, observed, { live: version }, result);
  },
  remove: ({ ref }, observed) =>
    plan('remove', ref, observed, when(observed.owner === 'us', 'remove', 'retire', {})),
  prune({ ref, keepVersions }, observed) {
    const versions = tooMany(observed, keepVersions);
    const steps = when(versions.length > 0, 'retire', 'retire', { versions });
    return plan('prune', ref, observed, steps, { removedVersions: versions });
  },
};

function described({ env: _env, entryFile: _file, artifactDigest: _code, ...shown }: ToyVersion) {
  return shown;
}

/** The toy adapter over one cloud. */
export function createToyProvider(
  cloud: ToyCloud,
  send: Send,
): spi.ServerlessProvider<ToyObserved> {
  const execute = spi.executorOf<ToySteps>('toy', {
    publish: async ({ name, ref, adopt, artifactDigest, body }, call) => {
      const artifact = await call.artifacts.get(artifactDigest);
      return done(await cloud.publish(name, ref, adopt, body, await artifact.files()));
    },
    verify: async ({ name, version }) => done(await cloud.tryOut(name, version)),
    put: async ({ name, expected, state }) => done(await cloud.put(name, expected, state)),
    retire: async ({ name, versions }) => done(await cloud.deleteVersions(name, versions)),
    remove: async ({ name }) => done(await cloud.deleteFunction(name)),
  });

  return {
    specVersion: 1,
    id: 'toy',
    capabilities: TOY_CAPABILITIES,
    packaging: {
      format: 'esm',
      target: 'node22',
      entryFile: 'index.mjs',
      shim: { modulePath: fileURLToPath(new URL('shim.ts', import.meta.url)), exports: [] },
      external: [],
      limits: { zipBytes: TOY_CAPABILITIES.limits.zipBytes },
    },
    plan: TOY_PLANNERS,
    validate({ name, runtime }) {
      const path = `functions.${name}`;
      const ignored = { message: 'The toy cloud has no such thing.', warning: 'ignored' } as const;
      const fields = ['memoryMb', 'description', 'tracing'];
      const warnings = fields.map((field) => ({ path: `${path}.${field}`, ...ignored }));
      if (runtime === 'node') return warnings;
      return [{ path: `${path}.runtime`, message: `there is no "${runtime}"` }, ...warnings];
    },
    validateBinding: () => [],
    identify: () => Promise.resolve({ account: 'toy', region: 'memory' }),
    observe: (ref) =>
      send(false, (): ToyObserved => {
        const found = structuredClone(cloud.functions.get(nameOf(ref)));
        const token = String(found?.revision ?? 0);
        const state: ToyState = { live: null, bindings: [], async: null };
        if (!found) return { token, owner: 'nobody', description: undefined, state };
        const isOurs = spi.sameJson(found.owner, ref);
        if (!isOurs) return { token, owner: 'stranger', description: undefined, state };
        const description = {
          ...ref,
          provider: 'toy',
          region: 'memory',
          physicalName: nameOf(ref),
          liveVersion: found.state.live,
          versions: found.versions.map(described),
          bindings: found.state.bindings,
          url: null,
        };
        const live = found.versions.find(({ version }) => version === found.state.live);
        return { token, owner: 'us', description, state: found.state, live };
      }),
    async *list({ app, stage }) {
      const all = await send(false, () => [...cloud.functions]);
      for (const [physicalName, { owner, state }] of all) {
        if (owner?.app !== app || owner.stage !== stage) continue;
        yield { name: owner.name, physicalName, liveVersion: state.live };
      }
    },
    execute: (step, call) => send(true, () => execute(step, call)),
    async invoke(ref, { input, mode, requestId, trace, version: wanted }, { signal }) {
      const name = nameOf(ref);
      const { owner, state } = cloud.functions.get(name) ?? {};
      if (!state?.live || !spi.sameJson(owner, ref)) throw spi.notDeployed('toy', ref);
      const times = { requestId, durationMs: null, initDurationMs: null };
      if (mode === 'async') {
        cloud.deliveries.send(`async/${name}`, input, {}, requestId, trace);
        return { ...times, output: null, version: state.live, coldStart: false, instanceId: null };
      }
      const meta = { requestId, attempt: 1, trace };
      const call = { kind: 'invoke', event: input } as const;
      const { cold, ...reply } = await cloud.run(name, wanted, call, meta, signal);
      return { ...times, ...reply, coldStart: cold };
    },
    metrics: (ref, { from, to }) =>
      send(false, () => {
        if (!cloud.functions.has(nameOf(ref))) throw spi.notDeployed('toy', ref);
        return cloud.numbers(nameOf(ref), from, to);
      }),
    async *logs() {},
    classify(cause) {
      const code = cause instanceof ToyError ? cause.code : 'UNKNOWN';
      return { code, retryable: code === 'UNAVAILABLE' || code === 'RATE_LIMITED' };
    },
    native: () => undefined,
    close: () => Promise.resolve(),
  };
}
