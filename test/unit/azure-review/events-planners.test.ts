import {
  versionDigest,
  type DeployRequest,
  type NormalFunctionSpec,
  type Plan,
} from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import type { AzureObserved } from '../../../providers/azure/model.ts';
import { ownershipTags, placeOf } from '../../../providers/azure/names.ts';
import { createPlanners } from '../../../providers/azure/plan/index.ts';
import { EMPTY_RECORD, type FunctionRecord } from '../../../providers/azure/record.ts';
import { SPEC } from '../azure-adapter/spec.ts';
import { bucket, platform, queue, SUBSCRIPTION, topic } from '../azure-events/bindings.ts';

const ref = { app: 'shop', stage: 'dev', name: 'orders' };
const identity = { account: SUBSCRIPTION, region: 'westeurope' };
const place = placeOf(ref, SUBSCRIPTION, platform());
const planners = createPlanners(platform());

function request(change: Partial<NormalFunctionSpec> = {}, digest = 'a'): DeployRequest {
  const spec = { ...SPEC, ...change };
  const artifactDigest = digest.repeat(40);
  return {
    ref,
    identity,
    spec,
    artifact: {
      form: 'zip',
      digest: artifactDigest,
      sizeBytes: 1000,
      unpackedBytes: 4000,
      entryFile: 'polyfaas.mjs',
      handles: ['invoke', 'queue', 'object', 'topic'],
      signature: 'polyfaas',
      needsProcess: false,
    },
    versionDigest: versionDigest({
      artifactDigest,
      env: spec.env,
      memoryMb: spec.memoryMb,
      timeoutSeconds: spec.timeoutSeconds,
      runtime: spec.runtime,
    }),
    adopt: false,
    prune: false,
  };
}

const ABSENT: AzureObserved = {
  token: 'absent',
  description: undefined,
  physicalName: place.physicalName,
  siteId: place.siteId,
  isStranger: false,
  isOwned: false,
  elsewhere: null,
  site: null,
  identity: null,
  versions: [],
  actualSettings: null,
  actualRoles: null,
  lost: [],
  missing: [],
  telemetry: null,
  subnetId: null,
  givenStorage: null,
  leftovers: [],
  record: EMPTY_RECORD,
};

const ids = (plan: Plan): readonly string[] => plan.steps.map(({ id }) => id);

function recordOf(plan: Plan, id: string): FunctionRecord {
  const step = plan.steps.find((one) => one.id === id);
  return JSON.parse(JSON.stringify(step?.input['record'] ?? null));
}

function there(wish: DeployRequest, before: AzureObserved = ABSENT): AzureObserved {
  const written = recordOf(planners.deploy(wish, before), 'record');
  const live = written.live && { ...written.live, createdAt: '2026-11-20T10:00:00.000Z' };
  return {
    ...ABSENT,
    token: 'there',
    isOwned: true,
    site: {
      plan: 'flex',
      location: 'westeurope',
      isStopped: false,
      httpsOnly: true,
      hostName: 'orders.azurewebsites.net',
      scmHostName: null,
      memoryMb: wish.spec.memoryMb,
      maxInstances: 100,
      alwaysReady: {},
      concurrency: 1,
      runtimeVersion: '24',
      serverFarmId: place.planId,
      tags: ownershipTags(ref),
    },
    identity: { id: place.ownIdentityId, principalId: 'principal', clientId: 'client' },
    versions: [...before.versions, ...(live ? [live] : [])],
    record: { ...written, live },
  };
}

describe('a rollback after the options moved a source', () => {
  const bindings = [bucket('o')];
  const now = there(request({ bindings }, 'b'), there(request({ bindings })));
  const moved = createPlanners(platform({ storageAccountForEvents: 'elsewhere' }));
  const version = now.versions[0]?.version ?? '';
  const plan = moved.rollback({ ref, identity, version }, now);

  it('subscribes there, and takes away what is no longer read', () => {
    expect(ids(plan)).toEqual(expect.arrayContaining(['event-o-bind', 'events-retire-0']));
    expect(JSON.stringify(recordOf(plan, 'record').made)).not.toMatch(/shopdev\w+\/providers\/M/);
  });

  it('leaves nothing for the next deploy', () => {
    const after = { ...now, record: recordOf(plan, 'record') };
    expect(moved.deploy(request({ bindings }), after).steps).toEqual([]);
  });
});

describe('what is about to be made for a function that is there', () => {
  const bare = there(request());
  const plans = [
    planners.configureEvent({ ref, identity, binding: topic('t') }, bare),
    planners.deploy(request({ bindings: [topic('t')] }), bare),
  ];

  it.each(plans)('is noted before it is made', (plan) => {
    const order = ids(plan);
    expect(order.indexOf('note')).toBeGreaterThanOrEqual(0);
    expect(order.indexOf('note')).toBeLessThan(order.indexOf('event-t-own'));
    const noted = recordOf(plan, 'note');
    expect(noted.made.map(({ kind }) => kind)).toContain('subscription');
    expect(noted.pending).toEqual(['t']);
    expect(noted.bindings).toEqual([]);
    expect(noted.live).toEqual(bare.record.live);
  });

  it.each(plans)('is taken away after a crash, by a removal or the next deploy', (plan) => {
    const crashed = { ...bare, record: recordOf(plan, 'note') };
    const titles = ({ steps }: Plan) => steps.map(({ title }) => title).join('\n');
    expect(titles(planners.remove({ ref, identity }, crashed))).toMatch(/Delete the subscription/);
    const next = planners.deploy(request(), crashed);
    expect(titles(next)).toMatch(/Delete the subscription/);
    expect(recordOf(next, 'record')).toMatchObject({ pending: [] });
  });

  it('is not noted where nothing is made', () => {
    const bound = there(request({ bindings: [topic('t')] }));
    const changed = topic('t', { filter: { a: ['1'] } });
    expect(ids(planners.deploy(request({ bindings: [changed] }), bound))).not.toContain('note');
  });
});

describe('destinations of asynchronous invocations', () => {
  const async = { ...SPEC.async, onFailure: { type: 'queue', name: 'failed' } } as const;
  const bindings = [queue('q', { deadLetter: 'failed' })];
  const both = there(request({ async, bindings }));

  it('keep their role when a binding that has it too goes', () => {
    const plan = planners.removeEvent({ ref, identity, bindingId: 'q' }, both);
    const { input } = plan.steps.find(({ id }) => id === 'events-disallow') ?? {};
    expect(JSON.stringify(input)).toContain('/queues/orders"');
    expect(JSON.stringify(input)).not.toContain('/queues/failed"');
  });

  it('lose it when they go', () => {
    const sending = there(request({ async }));
    const plan = planners.deploy(request(), sending);
    const { input } = plan.steps.find(({ id }) => id === 'events-disallow') ?? {};
    expect(JSON.stringify(input)).toContain('/queues/failed"');
  });

  it('move with the options', () => {
    const moved = createPlanners(platform({ storageAccountForEvents: 'elsewhere' }));
    const plan = moved.deploy(request({ async }), there(request({ async })));
    expect(ids(plan)).toEqual(expect.arrayContaining(['destinations', 'settings']));
  });
});

describe('a full reading', () => {
  it('sees that the role of a source is gone', () => {
    const bound = there(request({ bindings: [queue('q')] }));
    const hosts = recordOf(planners.deploy(request(), ABSENT), 'record').made;
    expect(hosts).toEqual([]);
    const own = `/subscriptions/${SUBSCRIPTION}/`;
    const all = bound.record.made.flatMap(({ kind, id }) => (kind === 'role' ? [id] : []));
    expect(all.every((id) => id.startsWith(own))).toBe(true);
    const plan = planners.deploy(request({ bindings: [queue('q')] }), {
      ...bound,
      actualSettings: {},
      actualRoles: [],
    });
    expect(ids(plan)).toContain('event-q-roles');
  });
});
