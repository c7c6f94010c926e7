import {
  PHASES,
  versionDigest,
  type Binding,
  type DeployRequest,
  type NormalFunctionSpec,
  type Plan,
  type Planners,
  type Step,
} from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import type { AzureObserved } from '../../../providers/azure/model.ts';
import { ownershipTags, placeOf } from '../../../providers/azure/names.ts';
import { platformSettings } from '../../../providers/azure/options.ts';
import { createPlanners } from '../../../providers/azure/plan/index.ts';
import {
  EMPTY_RECORD,
  type FunctionRecord,
  TAG,
  type VersionNote,
} from '../../../providers/azure/record.ts';
import { RETRY, SPEC } from './spec.ts';

const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';
const ref = { app: 'shop', stage: 'dev', name: 'orders' };
const identity = { account: SUBSCRIPTION, region: 'westeurope' };
const platform = platformSettings({ keyVault: 'my-vault' }, 'westeurope', {});
const place = placeOf(ref, SUBSCRIPTION, platform);
const planners: Planners<AzureObserved> = createPlanners(platform);

const QUEUE: Binding = {
  id: 'inbox',
  origin: 'spec',
  event: {
    type: 'queue',
    enabled: true,
    create: true,
    queue: 'inbox',
    batchSize: 1,
    batchWindowSeconds: 0,
    retry: RETRY,
  },
};
const HTTP: Binding = {
  id: 'api',
  origin: 'spec',
  event: { type: 'http', enabled: true, methods: ['GET'], path: '/orders' },
};

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
      handles: ['invoke', 'queue', 'http'],
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
const stepOf = (plan: Plan, id: string): Step | undefined =>
  plan.steps.find((one) => one.id === id);

/** The record that a plan ends with, as the engine would resolve it. */
function recordAfter(plan: Plan): FunctionRecord {
  const record: FunctionRecord = JSON.parse(
    JSON.stringify(stepOf(plan, 'record')?.input['record'] ?? null),
  );
  const live: VersionNote | null = record.live && {
    ...record.live,
    createdAt: '2026-11-20T10:00:00.000Z',
  };
  return { ...record, live };
}

/** What would be observed once a plan has been applied. */
function applied(wish: DeployRequest, before: AzureObserved = ABSENT): AzureObserved {
  const record = recordAfter(planners.deploy(wish, before));
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
      tags: { ...ownershipTags(ref), ...wish.spec.tags },
    },
    identity: { id: place.ownIdentityId, principalId: 'principal', clientId: 'client' },
    versions: record.live ? [record.live] : [],
    record,
  };
}

describe('a first deploy', () => {
  const plan = planners.deploy(request({ bindings: [QUEUE] }), ABSENT);

  it('makes what the function app stands on, then it, then its code', () => {
    const order = [
      'group',
      'storage',
      'identity',
      'roles',
      'insights',
      'plan',
      'site',
      'upload',
      'pending',
      'settings',
      'activate',
      'note-version',
      'record',
      'retire',
    ];
    expect(ids(plan).filter((id) => order.includes(id))).toEqual(order);
  });

  it('keeps the order of the phases, and refers only to what was told before', () => {
    const phases = plan.steps.map(({ phase }) => PHASES.indexOf(phase));
    expect(phases).toEqual(phases.toSorted((a, b) => a - b));
    const told = new Set<string>();
    for (const { id, input } of plan.steps) {
      for (const [, from = ''] of JSON.stringify(input).matchAll(/"\$from":"([\w-]+)\./g)) {
        expect(told.has(from), `${id} needs ${from}`).toBe(true);
      }
      told.add(id);
    }
  });

  it('holds no value of a secret, and checks references before the switch', () => {
    const secret = planners.deploy(request({ env: { KEY: { $secret: 'orders/db' } } }), ABSENT);
    expect(ids(secret)).toEqual(expect.arrayContaining(['vault', 'secrets', 'check-secrets']));
    expect(ids(secret).indexOf('check-secrets')).toBeLessThan(ids(secret).indexOf('pending'));
    expect(JSON.stringify(secret)).toContain('SecretName=orders-db');
  });
});

describe('a deploy over what is there', () => {
  const base = request({ env: { A: '1' }, bindings: [QUEUE] });
  const there = applied(base);

  it('of the same has no steps', () => {
    const plan = planners.deploy(base, there);
    expect(plan.steps).toEqual([]);
    expect(plan.changes).toEqual([]);
    expect(plan.result['version']).toBe(there.record.live?.version);
  });

  it('of other code publishes, and leaves settings and foundations alone', () => {
    const bare = applied(request());
    const plan = planners.deploy(request({}, 'b'), bare);
    expect(ids(plan)).toEqual([
      'upload',
      'pending',
      'activate',
      'note-version',
      'record',
      'retire',
    ]);
    expect(stepOf(plan, 'activate')?.input['previous']).toBe(bare.record.packageDigest);
  });

  it('of another environment adds its variables beside those of the version before', () => {
    const plan = planners.deploy(request({ env: { A: '2' }, bindings: [QUEUE] }), there);
    expect(ids(plan)).toEqual([
      'upload',
      'pending',
      'settings',
      'activate',
      'note-version',
      'record',
      'retire',
    ]);
    const { set, bindings, versions } = stepOf(plan, 'settings')?.input ?? {};
    const { version = null } = plan.result;
    if (typeof version !== 'string') throw new Error('the plan names no version');
    expect(set).toEqual({ [`POLYFAAS_V${version}_A`]: '2' });
    expect(bindings).toBe('leave');
    expect(versions).toEqual([version, there.record.live?.version]);
  });

  it('of another memory size changes the instances, and back if that fails', () => {
    const bare = applied(request());
    const plan = planners.deploy(request({ memoryMb: 2048 }), bare);
    expect(ids(plan)).toEqual([
      'upload',
      'pending',
      'configure',
      'activate',
      'note-version',
      'record',
      'retire',
    ]);
    expect(stepOf(plan, 'activate')?.input['previousScale']).toMatchObject({ memoryMb: 512 });
  });

  it('of more instances touches no code', () => {
    const plan = planners.deploy(request({ maxInstances: 7 }), applied(request()));
    expect(ids(plan)).toEqual(['pending', 'configure', 'record']);
  });

  it('of other tags, or another number of versions, touches neither code nor settings', () => {
    const bare = applied(request());
    expect(ids(planners.deploy(request({ tags: { team: 'a' } }), bare))).toEqual(['record']);
    expect(ids(planners.deploy(request({ keepVersions: 2 }), bare))).toEqual(['record', 'retire']);
    const gone = planners.deploy(request(), applied(request({ tags: { team: 'a' } })));
    expect(stepOf(gone, 'record')?.input['untag']).toEqual(['team']);
  });

  it('of another description changes a tag alone', () => {
    const plan = planners.deploy(request({ description: 'Adds up' }), applied(request()));
    expect(ids(plan)).toEqual(['record']);
    expect(stepOf(plan, 'record')?.input['tags']).toEqual({ [TAG.description]: 'Adds up' });
    expect(plan.changes).toEqual([
      { action: 'update', subject: 'description', from: '', to: 'Adds up' },
    ]);

    const observed = applied(request());
    const site = observed.site && {
      ...observed.site,
      tags: { ...observed.site.tags, [TAG.description]: 'Adds up' },
    };
    const gone = planners.deploy(request(), { ...observed, site });
    expect(stepOf(gone, 'record')?.input['untag']).toEqual([TAG.description]);
    const same = planners.deploy(request({ description: 'Adds up' }), { ...observed, site });
    expect(same.steps).toEqual([]);
  });

  it('of another key changes the settings alone', () => {
    const rotated = { providerOptions: { azure: { invokeKeyId: 'k2' } } };
    const plan = planners.deploy(request(rotated), applied(request()));
    expect(ids(plan)).toEqual(['pending', 'settings', 'record']);
    expect(stepOf(plan, 'settings')?.input['keyId']).toBe('k2');
  });

  it('that did not come to its end goes on', () => {
    const marked = stepOf(planners.deploy(request({}, 'b'), there), 'pending')?.input['record'];
    const record: FunctionRecord = JSON.parse(JSON.stringify(marked));
    expect(record.packageDigest).toBeNull();
    expect(record.lastPackage).toBe(there.record.packageDigest);
    const plan = planners.deploy(base, { ...there, record });
    expect(ids(plan)).toContain('activate');
    // What was served before is what is wished: there is nothing else to bring back.
    expect(stepOf(plan, 'activate')?.input['previous']).toBeNull();
    const third = planners.deploy(request({}, 'c'), { ...there, record });
    expect(stepOf(third, 'activate')?.input['previous']).toBe(there.record.packageDigest);
  });

  it('cannot move it to another plan or region', () => {
    const premium = { providerOptions: { azure: { plan: 'premium' } } } as const;
    expect(() => planners.deploy(request(premium), there)).toThrow(/"premium".*Remove it first/s);
    expect(() =>
      planners.deploy({ ...request(), identity: { ...identity, region: 'eastus' } }, there),
    ).toThrow(/eastus/);
  });

  it('leaves a namesake alone, unless it is to be taken over', () => {
    const strange = { ...there, isStranger: true, isOwned: false, record: EMPTY_RECORD };
    expect(() => planners.deploy(base, strange)).toThrow(/adopt/);
    const plan = planners.deploy({ ...base, adopt: true }, strange);
    expect(ids(plan)).not.toContain('plan');
    expect(stepOf(plan, 'site')?.input).toMatchObject({ adopt: true, planId: place.planId });
  });

  it('sees what somebody else changed when everything is read', () => {
    const plan = planners.deploy(base, { ...there, actualSettings: {}, actualRoles: [] });
    expect(ids(plan)).toEqual(expect.arrayContaining(['roles', 'site', 'settings']));
  });
});

describe('events of a deployed function', () => {
  const bare = applied(request());

  it('publish the same code again when there is another trigger', () => {
    const plan = planners.configureEvent({ ref, identity, binding: HTTP }, bare);
    expect(ids(plan)).toEqual(expect.arrayContaining(['upload', 'pending', 'activate', 'record']));
    expect(plan.warnings.map(({ type }) => type)).toContain('republish');
    expect(plan.result['url']).toBe('https://orders.azurewebsites.net');
  });

  it('change only settings when the triggers stay', () => {
    const there = applied(request({ bindings: [HTTP] }));
    const cors: Binding = {
      ...HTTP,
      event: {
        type: 'http',
        enabled: true,
        methods: ['GET'],
        path: '/orders',
        maxBodyBytes: 10,
      },
    };
    const plan = planners.configureEvent({ ref, identity, binding: cors }, there);
    expect(ids(plan)).not.toContain('activate');
    expect(ids(plan)).toContain('settings');
  });

  it('have no steps when they are as wished, or not there', () => {
    const there = applied(request({ bindings: [HTTP] }));
    expect(planners.configureEvent({ ref, identity, binding: HTTP }, there).steps).toEqual([]);
    expect(planners.removeEvent({ ref, identity, bindingId: 'none' }, there).steps).toEqual([]);
  });
});

describe('the way back, and the way out', () => {
  const old = applied(request({ memoryMb: 2048 }));
  const now = applied(request({}, 'b'), old);
  const kept = { ...now, versions: [...old.versions, ...now.versions] };

  it('publishes a kept version with its memory', () => {
    const version = old.record.live?.version ?? '';
    const plan = planners.rollback({ ref, identity, version }, kept);
    expect(ids(plan)).toEqual(['upload', 'pending', 'configure', 'activate', 'record', 'retire']);
    expect(recordAfter(plan).live?.version).toBe(version);
    expect(() => planners.rollback({ ref, identity, version: 'none' }, kept)).toThrow(/"none"/);
  });

  it('deletes old versions, never the live one', () => {
    const plan = planners.prune({ ref, identity, keepVersions: 1 }, kept);
    expect(plan.result['removedVersions']).toEqual([old.record.live?.version]);
    expect(planners.prune({ ref, identity, keepVersions: 2 }, kept).steps).toEqual([]);
  });

  it('removes what calls the function before it, and what it stood on after', () => {
    const order = ['site', 'plan', 'identity', 'storage', 'shared-remove', 'insights', 'group'];
    const plan = planners.remove({ ref, identity }, applied(request({ bindings: [QUEUE] })));
    expect(ids(plan).filter((id) => order.includes(id))).toEqual(order);
    expect(planners.remove({ ref, identity }, ABSENT).steps).toEqual([]);
  });

  it('removes what a removal that was broken off left', () => {
    const plan = planners.remove(
      { ref, identity },
      { ...ABSENT, leftovers: ['identity', 'group'] },
    );
    expect(ids(plan)).toEqual(['identity', 'shared-remove', 'insights', 'group']);
  });
});
