/** The records of the local provider, and a reading of its plans that runs no code: what planning leads to. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  digestOf,
  versionDigest,
  type ArtifactManifest,
  type Binding,
  type FunctionRef,
  type JsonObject,
  type Plan,
} from 'polyfaas/spi';
import { observedOf, type LocalObserved } from '../../providers/local/observed.ts';
import { platformSettings } from '../../providers/local/options.ts';
import { createPlanners } from '../../providers/local/plan/index.ts';
import {
  FunctionStore,
  type GoLive,
  type VersionBody,
} from '../../providers/local/state/functions.ts';
import { openStore } from '../../providers/local/store/index.ts';
import { resolveObject } from '../../src/engine/refs.ts';
import { normalizeEvent, normalizeFunction } from '../../src/spec/normalize.ts';
import type { EventSpec, FunctionSpecBase } from '../../src/spec/types.ts';
import { deepFreeze } from './deep-freeze.ts';

const URL = 'http://orders.dev.shop.localhost:3000';
const PHYSICAL_NAME = 'shop-dev-orders';
const identity = { account: 'local', region: 'local' };

/** A wish: a letter in place of code, and the rest as users declare it. */
export interface Wish extends FunctionSpecBase {
  readonly code: string;
  readonly adopt?: boolean;
  readonly pruneBindings?: boolean;
}

export interface World extends Disposable {
  readonly ref: FunctionRef;
  observed(): LocalObserved;
  deploy(wish: Wish): Plan;
  configureEvent(event: EventSpec): Plan;
  removeEvent(bindingId: string): Plan;
  rollback(version: string): Plan;
  remove(): Plan;
  prune(keepVersions: number): Plan;
  preWarm(instances: number): Plan;
  /** Does what the plan says to the records, and gives the plan back. */
  apply(plan: Plan): Plan;
  /** Puts a namesake there that is somebody else's. */
  stranger(): void;
  /** Deletes the code of the live version. */
  loseCode(): void;
}

export function localWorld(): World {
  const folder = mkdtempSync(join(tmpdir(), 'polyfaas-plan-'));
  const store = openStore({ folder, durability: 'process' });
  const functions = new FunctionStore(store);
  const planners = createPlanners(platformSettings({}, '/'));
  const ref: FunctionRef = { app: 'shop', stage: 'dev', name: 'orders' };
  let isCodeThere = true;
  const observed = (): LocalObserved => {
    const record = functions.get(PHYSICAL_NAME);
    const hasRoutes = record?.bindings.some(({ event }) => event.type === 'http') ?? false;
    return deepFreeze(observedOf(ref, PHYSICAL_NAME, record, hasRoutes ? URL : null, isCodeThere));
  };
  const base = { ref, identity };
  return {
    ref,
    observed,
    deploy: (wish) => planners.deploy(deepFreeze(deployRequest(ref, wish)), observed()),
    configureEvent(event) {
      const binding: Binding = { ...normalizeEvent(event), origin: 'api' };
      return planners.configureEvent(deepFreeze({ ...base, binding }), observed());
    },
    removeEvent: (bindingId) =>
      planners.removeEvent(deepFreeze({ ...base, bindingId }), observed()),
    rollback: (version) => planners.rollback(deepFreeze({ ...base, version }), observed()),
    remove: () => planners.remove(deepFreeze(base), observed()),
    prune: (keepVersions) => planners.prune(deepFreeze({ ...base, keepVersions }), observed()),
    preWarm: (instances) => planners.preWarm(deepFreeze({ ...base, instances }), observed()),
    apply(plan) {
      const outputs = new Map<string, JsonObject>();
      for (const step of plan.steps) {
        const input = resolveObject(step.input, outputs);
        outputs.set(step.id, perform(functions, ref, step.kind, input));
      }
      resolveObject(plan.result, outputs);
      return plan;
    },
    loseCode() {
      isCodeThere = false;
    },
    stranger() {
      store.db.exec(
        `INSERT INTO fn_functions VALUES ('${PHYSICAL_NAME}', NULL, NULL, NULL, 7, 4, NULL, NULL, '[]', 'long ago')`,
      );
    },
    [Symbol.dispose]() {
      store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function deployRequest(ref: FunctionRef, wish: Wish) {
  const { code, adopt = false, pruneBindings = false, ...declared } = wish;
  const { spec } = normalizeFunction(ref.name, { ...declared, entry: './orders.ts' });
  const artifact: ArtifactManifest = {
    form: 'zip',
    digest: digestOf(code),
    sizeBytes: 1000,
    unpackedBytes: 2000,
    entryFile: 'index.mjs',
    handles: ['invoke', 'http', 'queue', 'schedule'],
    signature: 'polyfaas',
    needsProcess: false,
  };
  const { env, memoryMb, timeoutSeconds, runtime } = spec;
  const digest = versionDigest({
    artifactDigest: artifact.digest,
    env,
    memoryMb,
    timeoutSeconds,
    runtime,
  });
  return { ref, identity, spec, artifact, versionDigest: digest, adopt, prune: pruneBindings };
}

interface StepInput extends GoLive {
  readonly body: Omit<VersionBody, 'createdAt'>;
  readonly expected: number | null;
  readonly binding: Binding;
  readonly bindingId: string;
  readonly versions: readonly number[];
}

/** The decoder of step inputs, as the provider has one. */
function inputOf(input: JsonObject): StepInput {
  const whole: StepInput = JSON.parse(JSON.stringify(input));
  return whole;
}

function perform(
  functions: FunctionStore,
  ref: FunctionRef,
  kind: string,
  input: JsonObject,
): JsonObject {
  const { body, expected, version, settings, bindings, binding, bindingId, versions } =
    inputOf(input);
  const acts: Readonly<Record<string, () => JsonObject>> = {
    'store-artifact': () => ({}),
    'verify-version': () => ({}),
    'publish-version': () => {
      const whole = { ...body, createdAt: '2026-01-01T00:00:00.000Z' };
      const published = functions.publish(PHYSICAL_NAME, ref, whole, expected);
      return { ...published, name: String(published.version) };
    },
    'go-live': () => {
      functions.goLive(PHYSICAL_NAME, ref, { version, settings, bindings }, expected);
      return { url: URL };
    },
    'put-binding': () => {
      functions.putBinding(PHYSICAL_NAME, ref, binding);
      return { url: URL };
    },
    'delete-binding': () => {
      functions.deleteBinding(PHYSICAL_NAME, ref, bindingId);
      return {};
    },
    'delete-versions': () => {
      functions.deleteVersions(PHYSICAL_NAME, versions);
      return {};
    },
    'remove-function': () => {
      functions.remove(PHYSICAL_NAME);
      return {};
    },
    warm: () => ({ distinctInstances: 1 }),
  };
  const act = acts[kind];
  if (!act) throw new Error(`no such step: ${kind}`);
  return act();
}
