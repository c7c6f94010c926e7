/** Bindings and wishes that the tests plan with. */
import type { Binding, Step } from 'polyfaas/spi';
import { planBindings } from '../../../providers/gcp/events/plan.ts';
import type { BindingPlan, BindingWish } from '../../../providers/gcp/events/types.ts';
import type { Target } from '../../../providers/gcp/model.ts';
import { platformSettings } from '../../../providers/gcp/options.ts';
import {
  EMPTY_RECORD,
  type FunctionRecord,
  type VersionNote,
} from '../../../providers/gcp/record.ts';
import { bucket, bus, http, queue, schedule, table, topic } from '../../support/bindings.ts';

export * from '../../support/bindings.ts';

export const PROJECT = 'polyfaas-fake';
export const NUMBER = '416161616161';
export const LOCATION = 'europe-west1';

/** Where things of a function are. Its URL is told by a step. */
export function targetOf(name: string, change: Partial<Target> = {}): Target {
  const physicalName = `shop-dev-${name}`;
  const place = `projects/${PROJECT}/locations/${LOCATION}`;
  return {
    ref: { app: 'shop', stage: 'dev', name },
    projectId: PROJECT,
    projectNumber: NUMBER,
    location: LOCATION,
    physicalName,
    functionName: `${place}/functions/${physicalName}`,
    serviceName: `${place}/services/${physicalName}`,
    settingsSecret: `projects/${PROJECT}/secrets/polyfaas-${physicalName}`,
    asyncTopic: `projects/${PROJECT}/topics/polyfaas-${physicalName}-async`,
    serviceAccount: `sa-${name}-abcdefgh@${PROJECT}.iam.gserviceaccount.com`,
    ownsServiceAccount: true,
    url: { $from: 'build.url' },
    ...change,
  };
}

export const TARGET: Target = targetOf('orders');

/** One of each kind. */
export const ONE_OF_EACH: readonly Binding[] = [
  queue('q', { deadLetter: 'orders-dead' }),
  topic('t', { deadLetter: 'users-dead', filter: { tenant: ['blue'] } }),
  bucket('o', { prefix: 'in/' }),
  table('d'),
  bus('b', { pattern: { type: ['Paid'] } }),
  schedule('c'),
  http('h'),
];

/** @param options as under `providerOptions.gcp`. */
export function platform(options: object = {}) {
  return platformSettings({ projectId: PROJECT, ...options }, LOCATION, {});
}

export function wish(bindings: readonly Binding[], change: Partial<BindingWish> = {}): BindingWish {
  return {
    target: TARGET,
    identity: { account: PROJECT, region: LOCATION },
    platform: platform(),
    record: EMPTY_RECORD,
    bindings,
    timeoutSeconds: 30,
    repairsAll: false,
    missing: [],
    keptAccount: null,
    ...change,
  };
}

export function versionNote(timeoutSeconds: number): VersionNote {
  return {
    version: 'v1',
    digest: 'v1',
    artifactDigest: 'a',
    handles: [],
    hasShim: true,
    memoryMb: 256,
    timeoutSeconds,
    serviceAccount: 'orders@p.iam.gserviceaccount.com',
    revision: 'r-1',
    createdAt: '2026-11-20T00:00:00Z',
  };
}

/** The record once a plan is done. */
export function settledBy(
  plan: BindingPlan,
  bindings: readonly Binding[],
  timeoutSeconds = 30,
): FunctionRecord {
  return {
    ...EMPTY_RECORD,
    live: 'v1',
    versions: [versionNote(timeoutSeconds)],
    bindings,
    made: plan.kept,
  };
}

export function settled(...bindings: readonly Binding[]): FunctionRecord {
  return settledBy(planBindings(wish(bindings)), bindings);
}

export function allSteps(plan: BindingPlan): readonly Step[] {
  return [...plan.checks, ...plan.sources, ...plan.after, ...plan.retire];
}

export function kinds(steps: readonly Step[]): readonly string[] {
  return steps.map(({ id, kind }) => `${id} ${kind}`);
}

/** What stands at a path in a step's input. */
export function inputAt(step: Step | undefined, ...path: readonly string[]): unknown {
  let found: unknown = step?.input;
  for (const name of path) {
    found =
      typeof found === 'object' && found !== null && name in found
        ? Object.entries(found).find(([key]) => key === name)?.[1]
        : undefined;
  }
  return found;
}
