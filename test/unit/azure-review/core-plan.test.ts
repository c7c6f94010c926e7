import {
  digestOf,
  versionDigest,
  type Binding,
  type DeployRequest,
  type NormalFunctionSpec,
  type Plan,
  type Planners,
  type Step,
} from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { functionIssues } from '../../../providers/azure/check.ts';
import { packageSetting } from '../../../providers/azure/manifest.ts';
import type { AzureObserved, PlanKind } from '../../../providers/azure/model.ts';
import { ownershipTags, placeOf } from '../../../providers/azure/names.ts';
import { platformSettings } from '../../../providers/azure/options.ts';
import { createPlanners } from '../../../providers/azure/plan/index.ts';
import {
  EMPTY_RECORD,
  TAG,
  type FunctionRecord,
  type VersionNote,
} from '../../../providers/azure/record.ts';
import { RETRY, SPEC } from '../azure-adapter/spec.ts';

const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';
const ref = { app: 'shop', stage: 'dev', name: 'orders' };
const identity = { account: SUBSCRIPTION, region: 'westeurope' };
const platform = platformSettings({ keyVault: 'my-vault' }, 'westeurope', {});
const SUBNET =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/one';
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

const azure = (options: object): Partial<NormalFunctionSpec> => ({
  providerOptions: { azure: options },
});

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

function stepOf(plan: Plan, id: string): Step {
  const found = plan.steps.find((one) => one.id === id);
  if (!found) throw new Error(`the plan has no step "${id}", only ${ids(plan).join(', ')}`);
  return found;
}

/** A record as the engine would resolve it. */
function recordOf(plan: Plan, id: 'record' | 'pending'): FunctionRecord {
  const record: FunctionRecord = JSON.parse(JSON.stringify(stepOf(plan, id).input['record']));
  const live: VersionNote | null = record.live && {
    ...record.live,
    createdAt: '2026-11-20T10:00:00.000Z',
  };
  return { ...record, live };
}

/** What would be observed once a plan has been applied. */
function applied(
  wish: DeployRequest,
  before: AzureObserved = ABSENT,
  plan: PlanKind = 'flex',
): AzureObserved {
  const record = recordOf(planners.deploy(wish, before), 'record');
  const isFlex = plan === 'flex';
  const given = wish.spec.providerOptions.azure?.storageAccount ?? null;
  return {
    ...ABSENT,
    token: 'there',
    isOwned: true,
    site: {
      plan,
      location: 'westeurope',
      isStopped: false,
      httpsOnly: true,
      hostName: 'orders.azurewebsites.net',
      scmHostName: null,
      memoryMb: isFlex ? wish.spec.memoryMb : null,
      maxInstances: isFlex ? 100 : null,
      alwaysReady: {},
      concurrency: isFlex ? 1 : null,
      runtimeVersion: isFlex ? '24' : null,
      serverFarmId: place.planId,
      tags: {
        ...ownershipTags(ref),
        ...wish.spec.tags,
        ...(given === null ? {} : { [TAG.storage]: given }),
      },
    },
    identity: { id: place.ownIdentityId, principalId: 'principal', clientId: 'client' },
    givenStorage: given,
    versions: record.live ? [record.live] : [],
    record,
  };
}

describe('one thing that is declared otherwise', () => {
  const changes: readonly (readonly [string, Partial<NormalFunctionSpec>, string])[] = [
    ['runtime', { runtime: 'node22' }, 'configure'],
    ['memory', { memoryMb: 2048 }, 'configure'],
    ['timeout', { timeoutSeconds: 31 }, 'activate'],
    ['variables', { env: { A: '1' } }, 'settings'],
    ['instances that are ready', { minInstances: 2 }, 'configure'],
    ['instances at most', { maxInstances: 7 }, 'configure'],
    ['calls at once', { concurrency: 4 }, 'configure'],
    ['asynchronous calls', { async: { retry: RETRY, maxAgeSeconds: 60 } }, 'settings'],
    ['versions that are kept', { keepVersions: 2 }, 'retire'],
    ['tags', { tags: { team: 'a' } }, 'record'],
    ['events', { bindings: [HTTP] }, 'activate'],
    ['identity', azure({ identity: `${place.ownIdentityId}-mine` }), 'identity'],
    ['telemetry', azure({ applicationInsights: false }), 'settings'],
    ['strategy', azure({ siteUpdateStrategy: 'rolling' }), 'site'],
    ['key', azure({ invokeKeyId: 'k2' }), 'settings'],
    ['subnet', azure({ vnetSubnetId: SUBNET }), 'site'],
    ['further settings', azure({ appSettings: { A: '1' } }), 'settings'],
  ];
  const there = applied(request());

  for (const [what, change, step] of changes) {
    it(`is noticed: ${what}`, () => {
      expect(ids(planners.deploy(request(change), there))).toContain(step);
    });
  }

  const premium = (more: object = {}) => azure({ plan: 'premium', ...more });
  const onPremium = applied(request(premium()), ABSENT, 'premium');

  it('is not there: nothing is done, whatever the plan', () => {
    expect(planners.deploy(request(), there).steps).toEqual([]);
    expect(planners.deploy(request(premium()), onPremium).steps).toEqual([]);
  });

  for (const [what, change] of [
    ['size', premium({ planSku: 'EP2' })],
    ['instances that always run', premium({ premium: { minimumInstances: 3 } })],
    ['instances ahead of the load', premium({ premium: { preWarmedInstances: 4 } })],
    ['instances that are ready', { ...premium(), minInstances: 3 }],
    ['instances at most', { ...premium(), maxInstances: 7 }],
    ['runtime', { ...premium(), runtime: 'node22' }],
  ] satisfies [string, Partial<NormalFunctionSpec>][]) {
    it(`is noticed on Elastic Premium, which does not tell it: ${what}`, () => {
      expect(ids(planners.deploy(request(change), onPremium))).toContain('configure');
    });
  }

  it('is noticed on the Consumption plan: instances at most', () => {
    const consumption = azure({ plan: 'consumption' });
    const small = applied(request(consumption), ABSENT, 'consumption');
    const plan = planners.deploy(request({ ...consumption, maxInstances: 7 }), small);
    expect(ids(plan)).toEqual(['pending', 'configure', 'record']);
  });
});

describe('a storage account that is declared otherwise', () => {
  it('is refused: versions that are kept, and messages that wait, are in the one before', () => {
    const mine = azure({ storageAccount: 'mine' });
    expect(() => planners.deploy(request(mine), applied(request()))).toThrow(
      /storageAccount.*Remove it first/s,
    );
    const there = applied(request(mine));
    expect(planners.deploy(request(mine), there).steps).toEqual([]);
    expect(() => planners.deploy(request(), there)).toThrow(/"mine"/);
    expect(() => planners.deploy(request(azure({ storageAccount: 'other' })), there)).toThrow(
      /"mine"/,
    );
  });
});

/** A deploy that ended between the change of the instances and the new record. */
function brokenOff(wish: DeployRequest, before: AzureObserved): AzureObserved {
  const record = recordOf(planners.deploy(wish, before), 'pending');
  const site = before.site && { ...before.site, memoryMb: wish.spec.memoryMb };
  return { ...before, site, record };
}

describe('a deploy after one that was broken off in its switch', () => {
  const first = applied(request({ env: { A: '1' } }));
  const broken = brokenOff(request({ memoryMb: 2048 }, 'b'), first);

  it('brings back the memory of the version that is brought back', () => {
    const again = planners.deploy(request({ memoryMb: 2048 }, 'b'), broken);
    expect(ids(again)).not.toContain('configure');
    expect(stepOf(again, 'activate').input).toMatchObject({
      previous: first.record.packageDigest,
      previousScale: { memoryMb: 512 },
    });
    const other = planners.deploy(request({ memoryMb: 4096 }, 'c'), broken);
    expect(stepOf(other, 'activate').input['previousScale']).toMatchObject({ memoryMb: 512 });
  });

  it('takes no variables away: what is served may be a version that nothing else speaks of', () => {
    const third = planners.deploy(request({ env: { A: '3' }, keepVersions: 1 }, 'c'), broken);
    const { keepVersions } = stepOf(third, 'settings').input;
    expect(Number(keepVersions)).toBeGreaterThan(1000);
    const usual = planners.deploy(request({ env: { A: '3' }, keepVersions: 1 }, 'c'), first);
    expect(stepOf(usual, 'settings').input['keepVersions']).toBe(1);
  });

  it('gives an event, which publishes the version before, its memory too', () => {
    const plan = planners.configureEvent({ ref, identity, binding: HTTP }, broken);
    expect(stepOf(plan, 'configure').input['scale']).toMatchObject({ memoryMb: 512 });
    expect(ids(plan).indexOf('configure')).toBeLessThan(ids(plan).indexOf('activate'));
  });

  it('goes back from a rollback to the memory of the live version', () => {
    const live = first.record.live;
    const old: VersionNote = { ...live!, version: '0123456789', memoryMb: 2048 };
    const plan = planners.rollback(
      { ref, identity, version: old.version },
      { ...broken, versions: [old, live!] },
    );
    expect(stepOf(plan, 'activate').input['previousScale']).toMatchObject({ memoryMb: 512 });
  });
});

describe('variables that hold secrets', () => {
  it('are looked at once more under the mark: another deploy may have written over them', () => {
    const there = applied(request());
    const plan = planners.deploy(request({ env: { KEY: { $secret: 'db' } } }), {
      ...there,
      record: recordOf(
        planners.deploy(request({ env: { KEY: { $secret: 'x' } } }), there),
        'record',
      ),
    });
    const order = ids(plan).filter((id) =>
      ['secrets', 'check-secrets', 'pending', 'settings', 'activate'].includes(id),
    );
    expect(order).toEqual(['secrets', 'check-secrets', 'pending', 'settings', 'activate']);
    expect(stepOf(plan, 'settings').input['set']).toEqual(stepOf(plan, 'secrets').input['set']);
    expect(stepOf(plan, 'settings').input['expected']).toBe(recordOf(plan, 'pending').next);
  });
});

describe('a record that tags cannot hold', () => {
  // Names that nothing can pack.
  const env = (seed: string) =>
    Object.fromEntries(
      Array.from({ length: 330 }, (_, index) => {
        const { versionDigest: name } = request({ env: { A: `${seed}${index}` } });
        return [`V${name}`, ''];
      }),
    );

  it('is refused before the switch, also when it is the new version that makes it long', () => {
    expect(() => planners.deploy(request({ env: env('a') }), ABSENT)).toThrow(/tags/);
    const there = applied(request());
    expect(() => planners.deploy(request({ env: env('a') }), there)).toThrow(/tags/);
    const long: VersionNote = {
      ...there.record.live!,
      version: '0123456789',
      env: Object.keys(env('a')),
    };
    expect(() =>
      planners.rollback({ ref, identity, version: long.version }, { ...there, versions: [long] }),
    ).toThrow(/tags/);
  });
});

describe('a full reading', () => {
  const wish = request({ bindings: [QUEUE] });

  it('notices settings of events that are gone, or changed by hand', () => {
    const there = applied(wish);
    const set: object = Object(stepOf(planners.deploy(wish, ABSENT), 'settings').input['set']);
    const { settingsKey } = there.record;
    const own = [packageSetting(settingsKey, 'POLYFAAS_ASYNC'), 'POLYFAAS_INVOKE_KEYS'].map(
      (name) => [name, 'x'] as const,
    );
    // What only the steps tell may be anything; the identity is known by now.
    const all: Record<string, string> = Object.fromEntries([
      ...own,
      ...Object.entries(set).map(([name, value]): [string, string] => [
        name,
        digestOf(typeof value === 'string' ? value : 'client'),
      ]),
    ]);
    const read = (actualSettings: Record<string, string>) =>
      planners.deploy(wish, { ...there, actualSettings, actualRoles: null });
    expect(read(all).steps).toEqual([]);
    const names = Object.keys(all).filter((name) => /^POLYFAAS_(?:P\w{10}_B|C)_/.test(name));
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const { [name]: _, ...rest } = all;
      expect([name, ...ids(read(rest))]).toContain('settings');
      expect([name, ...ids(read(rest))]).not.toContain('site');
    }
    const [plain] = Object.entries(set).filter(
      ([name, value]) =>
        name.startsWith(packageSetting(settingsKey, 'POLYFAAS_B_')) && typeof value === 'string',
    );
    expect(ids(read({ ...all, [plain?.[0] ?? 'none']: 'changed' }))).toContain('settings');
  });
});

describe('tags', () => {
  it('whose keys differ in their case only are the same to Azure', () => {
    const issues = functionIssues({ ...SPEC, tags: { Team: 'a', team: 'b' } }, platform);
    expect(issues.map(({ path }) => path)).toEqual(['functions.orders.tags.team']);
  });
});
