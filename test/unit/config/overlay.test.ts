import { describe, expect, it, vi } from 'vitest';
import { applyEnvironment } from '../../../src/config/overlay.ts';
import { env } from '../../../src/config/env.ts';
import { secret } from '../../../src/spec/secret.ts';
import type { PolyfaasConfig } from '../../../src/spec/types.ts';

const config: PolyfaasConfig = {
  app: 'shop',
  provider: 'local',
  defaults: { timeoutSeconds: 10, tags: { team: 'a' } },
  functions: {
    orders: {
      entry: './orders.ts',
      env: { KEEP: 'x', DB: secret('dev/db', { version: '3' }) },
      events: [
        { type: 'topic', topic: 'a' },
        { type: 'topic', topic: 'b' },
      ],
      tracing: true,
    },
  },
  environments: {
    prod: {
      provider: 'aws',
      defaults: { tags: { cost: 'b' } },
      functions: {
        orders: {
          artifact: './orders.zip',
          env: { DB: secret('prod/db') },
          events: [{ type: 'topic', topic: 'c' }],
          tracing: { sampleRate: 0.1 },
        },
      },
    },
  },
};

describe('applyEnvironment', () => {
  it('merges objects; replaces lists, secrets, and where the code comes from', () => {
    const before = structuredClone(config);
    expect(applyEnvironment(config, 'prod')).toEqual({
      app: 'shop',
      stage: 'prod',
      provider: 'aws',
      defaults: { timeoutSeconds: 10, tags: { team: 'a', cost: 'b' } },
      functions: {
        orders: {
          artifact: './orders.zip',
          env: { KEEP: 'x', DB: { $secret: 'prod/db' } },
          events: [{ type: 'topic', topic: 'c' }],
          tracing: { sampleRate: 0.1 },
        },
      },
    });
    expect(config).toEqual(before);
  });

  it('keeps `failover`, whether it is read in the stage or not', () => {
    const failover = { maxFailures: 2 };
    const targets = ['aws', 'gcp'] as const;
    const one: PolyfaasConfig = {
      provider: 'local',
      failover,
      environments: { prod: { targets } },
    };
    expect(applyEnvironment(one, 'prod')).toEqual({ stage: 'prod', targets, failover });
    expect(applyEnvironment(one, 'dev')).toEqual({ stage: 'dev', provider: 'local', failover });
    const both: PolyfaasConfig = {
      targets,
      failover,
      environments: { dev: { provider: 'local' }, prod: { failover: { recoverySeconds: 5 } } },
    };
    expect(applyEnvironment(both, 'dev')).toEqual({ stage: 'dev', provider: 'local', failover });
    const prod = { stage: 'prod', targets, failover: { maxFailures: 2, recoverySeconds: 5 } };
    expect(applyEnvironment(both, 'prod')).toEqual(prod);
  });

  it('holds no environments, also for a stage that has none', () => {
    const { environments: _, ...rest } = config;
    expect(applyEnvironment(config, 'test')).toEqual({ ...rest, stage: 'test' });
    expect(applyEnvironment(config, 'constructor')).toEqual({ ...rest, stage: 'constructor' });
  });

  it('is the same when applied twice', () => {
    const once = applyEnvironment(config, 'prod');
    expect(applyEnvironment(once, 'prod')).toEqual(once);
  });
});

describe('env', () => {
  it('reads when called, and falls back', () => {
    vi.stubEnv('POLYFAAS_TEST_ENV', undefined);
    expect(env('POLYFAAS_TEST_ENV', 'b')).toBe('b');
    vi.stubEnv('POLYFAAS_TEST_ENV', 'a');
    expect(env('POLYFAAS_TEST_ENV', 'b')).toBe('a');
    vi.stubEnv('POLYFAAS_TEST_ENV', '');
    expect(env('POLYFAAS_TEST_ENV', 'b')).toBe('');
    vi.unstubAllEnvs();
    expect(() => env('POLYFAAS_TEST_ENV')).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it('is not set because objects have a field of that name', () => {
    expect(() => env('toString')).toThrow('The environment variable toString is not set.');
    expect(env('constructor', 'x')).toBe('x');
    expect(env('__proto__', 'x')).toBe('x');
  });
});
