/** The records of the local provider, and a reading of its plans that runs no code: what planning leads to. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Binding, FunctionRef, JsonObject } from 'polyfaas/spi';
import { observedOf, type LocalObserved } from '../../providers/local/observed.ts';
import { platformSettings } from '../../providers/local/options.ts';
import { createPlanners } from '../../providers/local/plan/index.ts';
import {
  FunctionStore,
  type GoLive,
  type VersionBody,
} from '../../providers/local/state/functions.ts';
import { openStore } from '../../providers/local/store/index.ts';
import { applySteps } from '../support/plan/apply.ts';
import { deepFreeze } from '../support/plan/deep-freeze.ts';
import { deployRequest, type PlainWish } from '../support/plan/deploy-request.ts';
import { operationsOf } from '../support/plan/operations.ts';
import type { PlanWorld } from '../support/plan/world.ts';

const URL = 'http://orders.dev.shop.localhost:3000';
const PHYSICAL_NAME = 'shop-dev-orders';
const identity = { account: 'local', region: 'local' };

export type Wish = PlainWish;

export interface World extends PlanWorld<Wish, LocalObserved> {
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
    ...operationsOf(planners, base, observed, (wish: Wish) =>
      deployRequest(base, wish, {
        entryFile: 'index.mjs',
        handles: ['invoke', 'http', 'queue', 'schedule'],
      }),
    ),
    observed,
    apply: (plan, steps = plan.steps.length) =>
      applySteps(plan, steps, (kind, input) => perform(functions, ref, kind, input)),
    // All is always read.
    readAll() {},
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
