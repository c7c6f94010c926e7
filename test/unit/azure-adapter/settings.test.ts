import fc from 'fast-check';
import { parseDirectKeys } from 'polyfaas/http';
import { describe, expect, it } from 'vitest';
import { environmentIssues, versionSettings } from '../../../providers/azure/environment.ts';
import { mergedSettings } from '../../../providers/azure/execute/settings.ts';
import { envSetting, packageSetting } from '../../../providers/azure/manifest.ts';
import {
  isOwnSetting,
  packageOfSetting,
  settingsFor,
  versionOfSetting,
} from '../../../providers/azure/setting-names.ts';

const NONE = {
  set: {},
  unset: [],
  bindings: 'leave',
  package: null,
  async: null,
  keyId: null,
} as const;
const nobody: ReadonlySet<string> = new Set();
const [ONE, TWO, THREE] = ['1111111111', '2222222222', '3333333333'] as const;
const of = (key: string, name: string): string => packageSetting(key, `POLYFAAS_${name}`);

describe('names of settings', () => {
  it('tell the version of a variable', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[0-9a-f]{10}$/),
        fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,30}$/),
        (version, name) => {
          expect(versionOfSetting(envSetting(version, name))).toBe(version);
          expect(isOwnSetting(envSetting(version, name))).toBe(true);
        },
      ),
    );
    expect(versionOfSetting('POLYFAAS_BINDINGS')).toBeUndefined();
    expect(versionOfSetting('POLYFAAS_VERBOSE')).toBeUndefined();
  });

  it('tell the package that reads them', () => {
    const settings = {
      POLYFAAS_BINDINGS: '[]',
      POLYFAAS_B_X_QUEUE: 'orders',
      POLYFAAS_C_Y__clientId: 'b',
      OTHER: '1',
    };
    const own = settingsFor(ONE, settings);
    expect(own).toEqual({
      [of(ONE, 'BINDINGS')]: '[]',
      [of(ONE, 'B_X_QUEUE')]: 'orders',
      POLYFAAS_C_Y__clientId: 'b',
      OTHER: '1',
    });
    expect(Object.keys(own).map(packageOfSetting)).toEqual([ONE, ONE, undefined, undefined]);
    expect(settingsFor(null, settings)).toEqual({ POLYFAAS_C_Y__clientId: 'b', OTHER: '1' });
  });

  it('of the host and of polyfaas are not for users', () => {
    for (const name of [
      'AzureWebJobsStorage',
      'azurewebjobsstorage__clientId',
      'POLYFAAS_X',
      'FUNCTIONS_WORKER_RUNTIME',
      'AzureFunctionsJobHost__functionTimeout',
    ]) {
      expect(isOwnSetting(name)).toBe(true);
    }
    expect(isOwnSetting('AzureWebJobs.orders.Disabled')).toBe(false);
    expect(isOwnSetting('NODE_ENV')).toBe(false);
  });
});

describe('a write of the settings', () => {
  it('keeps what it does not own', () => {
    const present = {
      MINE: '1',
      POLYFAAS_C_X__clientId: 'a',
      [of(ONE, 'B_X_QUEUE')]: 'a',
      POLYFAAS_V0123456789_DB: 'x',
    };
    expect(mergedSettings(present, { ...NONE, set: { A: '2' } }, nobody)).toEqual({
      ...present,
      A: '2',
    });
  });

  it('takes a setting whose name differs in its case only for the one that it sets', () => {
    const present = { LEVEL: 'by hand', MINE: '1' };
    expect(mergedSettings(present, { ...NONE, set: { Level: '1' } }, nobody)).toEqual({
      MINE: '1',
      Level: '1',
    });
  });

  it('takes away the settings of bindings that are gone, and keeps them for the package before', () => {
    const one = { [of(ONE, 'B_X_QUEUE')]: 'a', [of(ONE, 'ASYNC')]: '{}' };
    const two = { [of(TWO, 'B_X_QUEUE')]: 'b' };
    const shared = {
      POLYFAAS_C_Y__clientId: 'b',
      AzureFunctionsJobHost__extensions__eventHubs__initialOffsetOptions__type: 'fromStart',
    };
    const others = { AzureFunctionsJobHost__functionTimeout: '00:01:00' };
    const present = { ...one, ...two, ...shared, ...others };
    const write = (key: string, kept: readonly string[] | null, bindings: 'exact' | 'widen') => {
      const set = { [of(key, 'B_Z_QUEUE')]: 'c' };
      const own = { key, kept, carry: null };
      const next = mergedSettings(present, { ...NONE, set, bindings, package: own }, nobody);
      const { [of(key, 'B_Z_QUEUE')]: said, ...rest } = next;
      expect(said).toBe('c');
      return rest;
    };
    // The package that is published gets others: the rules of its asynchronous calls stay.
    expect(write(ONE, [], 'exact')).toEqual({ [of(ONE, 'ASYNC')]: '{}', ...others });
    // A new one is about to be published, and the one before needs its own.
    expect(write(THREE, [ONE], 'widen')).toEqual({ ...one, ...shared, ...others });
    // Nobody knows which is served.
    expect(write(THREE, null, 'widen')).toEqual(present);
  });

  it('takes the rules of asynchronous calls along to a package of whose events alone is spoken', () => {
    const present = { [of(ONE, 'ASYNC')]: '{}', [of(ONE, 'ALWAYS_READY')]: '2' };
    const own = { key: TWO, kept: [ONE], carry: ONE };
    expect(mergedSettings(present, { ...NONE, bindings: 'widen', package: own }, nobody)).toEqual({
      ...present,
      [of(TWO, 'ASYNC')]: '{}',
      [of(TWO, 'ALWAYS_READY')]: '2',
    });
    const unset = [of(TWO, 'ALWAYS_READY')];
    const next = mergedSettings(present, { ...NONE, unset, package: own }, nobody);
    expect(Object.keys(next)).not.toContain(unset[0]);
  });

  it('takes away what is unwanted, and the variables of versions that are gone', () => {
    const present = { OLD: '1', POLYFAAS_V0123456789_DB: 'x', POLYFAAS_Vabcdef0123_DB: 'y' };
    const next = mergedSettings(present, { ...NONE, unset: ['OLD'] }, new Set(['0123456789']));
    expect(next).toEqual({ POLYFAAS_Vabcdef0123_DB: 'y' });
  });

  it('makes a key once, and keeps the one before while keys are rotated', () => {
    const first = mergedSettings({}, { ...NONE, keyId: 'k1' }, nobody);
    const keys = parseDirectKeys(first['POLYFAAS_INVOKE_KEYS'] ?? '');
    expect(keys).toEqual([{ id: 'k1', secret: expect.stringMatching(/^[\w-]{43}$/) }]);
    expect(mergedSettings(first, { ...NONE, keyId: 'k1' }, nobody)).toEqual(first);
    const second = mergedSettings(first, { ...NONE, keyId: 'k2' }, nobody);
    const rotated = parseDirectKeys(second['POLYFAAS_INVOKE_KEYS'] ?? '');
    expect(rotated.map(({ id }) => id)).toEqual(['k2', 'k1']);
    expect(rotated[1]).toEqual(keys[0]);
    const third = mergedSettings(second, { ...NONE, keyId: 'k3' }, nobody);
    expect(parseDirectKeys(third['POLYFAAS_INVOKE_KEYS'] ?? '').map(({ id }) => id)).toEqual([
      'k3',
      'k2',
    ]);
  });

  it('tells the entry where asynchronous invocations are', () => {
    const rules = {
      maxAttempts: 3,
      backoff: 'fixed',
      delaySeconds: 1,
      maxDelaySeconds: 9,
      jitter: false,
      maxAgeSeconds: 60,
      onSuccess: null,
      onFailure: null,
    } as const;
    const present = { AzureWebJobsStorage__queueServiceUri: 'https://x.queue.core.windows.net/' };
    const own = { key: ONE, kept: [], carry: null };
    const next = mergedSettings(present, { ...NONE, async: rules, package: own }, nobody);
    expect(JSON.parse(next[of(ONE, 'ASYNC')] ?? '')).toEqual({
      ...rules,
      queue: { service: 'storageQueue', url: 'https://x.queue.core.windows.net/polyfaas-async' },
    });
  });
});

describe('the environment', () => {
  it('is references where it is secret', () => {
    const env = { A: 'plain', B: { $secret: 'orders/db' }, C: { $secret: 'c', version: 'v1' } };
    expect(versionSettings('0123456789', env, 'my-vault')).toEqual({
      POLYFAAS_V0123456789_A: 'plain',
      POLYFAAS_V0123456789_B: '@Microsoft.KeyVault(VaultName=my-vault;SecretName=orders-db)',
      POLYFAAS_V0123456789_C:
        '@Microsoft.KeyVault(VaultName=my-vault;SecretName=c;SecretVersion=v1)',
    });
    const uri = versionSettings('0123456789', { C: env.C }, 'https://v.vault.azure.net/');
    expect(Object.values(uri)).toEqual([
      '@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/c/v1)',
    ]);
  });

  it('is refused with every problem at once', () => {
    const issues = environmentIssues(
      'orders',
      {
        POLYFAAS_X: '1',
        WEBSITE_NAME: '1',
        'with-dash': '1',
        Twice: '1',
        TWICE: '2',
        REF: '@Microsoft.KeyVault(SecretUri=x)',
        KEY: { $secret: 'a/b' },
        OTHER: { $secret: 'a-b' },
      },
      { keyVault: null },
    );
    expect(issues.map(({ path }) => path.replace('functions.orders.env.', ''))).toEqual([
      'POLYFAAS_X',
      'WEBSITE_NAME',
      'with-dash',
      'TWICE',
      'REF',
      'KEY',
      'OTHER',
    ]);
    expect(issues.find(({ path }) => path.endsWith('KEY'))?.message).toContain('keyVault');
  });
});
