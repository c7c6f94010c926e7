import type { NormalFunctionSpec } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { CAPABILITIES } from '../../../providers/azure/capabilities.ts';
import { functionIssues } from '../../../providers/azure/check.ts';
import { hostJsonOf, timeSpan } from '../../../providers/azure/host-json.ts';
import { functionSettings, platformSettings } from '../../../providers/azure/options.ts';
import { SPEC } from './spec.ts';

const problemsOf = (given: unknown): string => {
  try {
    platformSettings(given, 'eu-west', {});
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
};

describe('options of the subscription', () => {
  it('have defaults', () => {
    const settings = platformSettings(undefined, undefined, {
      AZURE_SUBSCRIPTION_ID: 'sub',
      AZURE_LOCATION: 'West Europe',
    });
    expect(settings.clients).toMatchObject({
      subscriptionId: 'sub',
      location: 'westeurope',
      cloud: 'public',
    });
    expect(settings).toMatchObject({
      resourceGroup: null,
      queues: 'storage',
      serviceBusNamespace: null,
      cosmosDatabase: 'polyfaas',
      defaults: {},
    });
  });

  it('are refused with every problem at once', () => {
    const said = problemsOf({
      subscriptionId: 'x',
      endpoint: 'http://example.com',
      credential: {},
      plan: 'dedicated',
      identity: 'my-identity',
      keyVault: 'a--b',
      siteNames: { orders: 'Too_Long_And_With_Underscores_Here_1' },
      appSettings: { POLYFAAS_X: '1' },
      surprise: true,
    });
    for (const field of [
      'subscriptionId',
      'endpoint',
      'credential',
      'plan',
      'identity',
      'keyVault',
      'siteNames.orders',
      'appSettings.POLYFAAS_X',
      'surprise',
    ]) {
      expect(said).toContain(field);
    }
  });

  it('take a local endpoint without encryption, and no other', () => {
    expect(problemsOf({ endpoint: 'http://127.0.0.1:8080' })).toBe('');
    expect(problemsOf({ endpoint: 'http://localhost:8080' })).toBe('');
    expect(problemsOf({ endpoint: 'http://127.0.0.1.example.com' })).toContain('endpoint');
    expect(problemsOf({ endpoint: 'https://management.usgovcloudapi.net' })).toBe('');
  });
});

describe('options of a function', () => {
  const platform = platformSettings({ keyVault: 'shared', plan: 'premium' }, 'eu-west', {});
  const settingsOf = (azure: object): ReturnType<typeof functionSettings> =>
    functionSettings({ minInstances: 2, providerOptions: { azure } }, platform);

  it('stand over those of the configuration', () => {
    expect(settingsOf({})).toMatchObject({
      plan: 'premium',
      planSku: 'EP1',
      keyVault: 'shared',
      premium: { minimum: 2, preWarmed: 1 },
    });
    expect(settingsOf({ plan: 'flex', keyVault: 'own' })).toMatchObject({
      plan: 'flex',
      planSku: 'FC1',
      keyVault: 'own',
      premium: null,
    });
  });

  it('say where telemetry goes', () => {
    const kind = (applicationInsights: unknown): unknown =>
      settingsOf({ applicationInsights }).insights;
    expect(kind(true)).toEqual({ kind: 'shared' });
    expect(kind(false)).toEqual({ kind: 'none' });
    const workspaceId =
      '/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w';
    expect(kind({ workspaceId })).toEqual({ kind: 'workspace', workspaceId });
    expect(kind({ connectionString: 'InstrumentationKey=1' })).toEqual({
      kind: 'given',
      connectionString: 'InstrumentationKey=1',
      workspaceId: null,
    });
  });
});

describe('a declaration', () => {
  const platform = platformSettings({}, 'eu-west', {});
  const pathsOf = (change: Partial<NormalFunctionSpec>, errorsOnly = true): readonly string[] =>
    functionIssues({ ...SPEC, ...change }, platform)
      .filter(({ warning }) => !errorsOnly || warning === undefined)
      .map(({ path }) => path.replace('functions.orders.', ''));

  it('that fits is let through', () => {
    expect(pathsOf({}, false)).toEqual([]);
  });

  it('is held to what Azure has', () => {
    expect(pathsOf({ runtime: 'node20' })).toEqual(['runtime']);
    expect(pathsOf({ env: { KEY: { $secret: 'a' } } })).toEqual(['env.KEY']);
    expect(pathsOf({ tags: { 'polyfaas-x': '1', 'a/b': '2', c: 'x'.repeat(257) } })).toEqual([
      'tags.polyfaas-x',
      'tags.a/b',
      'tags.c',
    ]);
    expect(pathsOf({ maxInstances: 0 })).toEqual(['maxInstances']);
    expect(pathsOf({ providerOptions: { azure: { planSku: 'EP1' } } })).toEqual([
      'providerOptions.azure.planSku',
    ]);
  });

  it('is held to what its plan has', () => {
    const consumption = { providerOptions: { azure: { plan: 'consumption' } } } as const;
    expect(pathsOf({ ...consumption, timeoutSeconds: 601, minInstances: 1 }).toSorted()).toEqual([
      'minInstances',
      'timeoutSeconds',
    ]);
    expect(pathsOf({ ...consumption, concurrency: 4, maxInstances: 101 }).toSorted()).toEqual([
      'concurrency',
      'maxInstances',
    ]);
  });

  it('that takes longer than a connection may is warned of', () => {
    expect(pathsOf({ timeoutSeconds: 231 })).toEqual([]);
    expect(pathsOf({ timeoutSeconds: 231 }, false)).toEqual(['timeoutSeconds']);
  });
});

describe('host.json', () => {
  it('bounds a call a little later than its own entry', () => {
    expect(hostJsonOf('flex', 60)).toMatchObject({
      version: '2.0',
      functionTimeout: '00:01:30',
      extensions: { http: { routePrefix: '' } },
      logging: { applicationInsights: { samplingSettings: { isEnabled: false } } },
    });
    expect(hostJsonOf('consumption', 600)['functionTimeout']).toBe('00:10:00');
  });

  it('writes times as the host reads them', () => {
    expect(timeSpan(3725)).toBe('01:02:05');
    expect(timeSpan(90_061)).toBe('1.01:01:01');
  });
});

describe('capabilities', () => {
  it('say why where there is none, and by what where there is one', () => {
    for (const [key, one] of Object.entries(CAPABILITIES.features)) {
      const said = one.support === 'none' ? one.why : one.via;
      expect(said.length > 5 ? '' : key).toBe('');
    }
    expect(CAPABILITIES.deploySwitch).toBe('restart');
  });
});
