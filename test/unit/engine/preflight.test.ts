import { describe, expect, it } from 'vitest';
import { checkBinding, checkHandles, checkSpec } from '../../../src/engine/preflight.ts';
import type { Capabilities } from '../../../src/spi/capabilities.ts';
import type { NormalFunctionSpec } from '../../../src/spi/provider.ts';
import { CAPABILITIES } from '../../../providers/local/capabilities.ts';

const none = { support: 'none', why: 'There is no such thing. Use a queue.' } as const;

function providerWith(
  features: Partial<Capabilities['features']> = {},
  limits: Partial<Capabilities['limits']> = {},
): Parameters<typeof checkSpec>[0] {
  return {
    id: 'toy',
    capabilities: {
      ...CAPABILITIES,
      features: { ...CAPABILITIES.features, ...features },
      limits: { ...CAPABILITIES.limits, ...limits },
    },
    validate: () => [],
  };
}

function spec(parts: Partial<NormalFunctionSpec> = {}): NormalFunctionSpec {
  const retry = {
    maxAttempts: 3,
    backoff: 'fixed',
    delaySeconds: 1,
    maxDelaySeconds: 1,
    jitter: false,
  } as const;
  return {
    name: 'orders',
    description: '',
    runtime: 'node',
    memoryMb: 256,
    timeoutSeconds: 30,
    env: {},
    minInstances: 0,
    maxInstances: undefined,
    concurrency: 1,
    architecture: undefined,
    async: { retry, maxAgeSeconds: 3600 },
    tracing: undefined,
    keepVersions: 5,
    tags: {},
    bindings: [],
    providerOptions: {},
    ...parts,
  };
}

const topic = {
  id: 'topic-1',
  origin: 'spec',
  event: {
    type: 'topic',
    topic: 'news',
    enabled: true,
    create: false,
    retry: spec().async.retry,
  },
} as const;

describe('preflight', () => {
  it('refuses what the capability data says is not there, and names the nearest thing', () => {
    const provider = providerWith({ 'event.topic': none });
    expect(() => checkSpec(provider, spec({ bindings: [topic] }), 'bundle')).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        message: expect.stringContaining('Use a queue.'),
        details: { capability: 'event.topic', path: 'functions.orders.events.topic-1' },
      }),
    );
    expect(() => checkBinding(provider, 'orders', topic)).toThrow(/event\.topic/);
  });

  it.each([
    ['deploy.image', {}, 'image'],
    ['deploy.foreignRuntime', { runtime: 'python3.13' }, 'bundle'],
    ['deploy.architecture', { architecture: 'arm64' }, 'bundle'],
    ['deploy.secrets', { env: { DB: { $secret: 'db' } } }, 'bundle'],
    ['instance.minInstances', { minInstances: 1 }, 'bundle'],
    ['instance.concurrency', { concurrency: 2 }, 'bundle'],
  ] as const)('asks for %s', (key, parts, form) => {
    expect(() => checkSpec(providerWith({ [key]: none }), spec(parts), form)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED' }),
    );
  });

  it('names every limit that is passed, at once', () => {
    const provider = providerWith({}, { envBytes: 10, memoryMb: { min: 128, max: 200 } });
    expect(() => checkSpec(provider, spec({ env: { LONG: 'x'.repeat(20) } }), 'bundle')).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        details: {
          issues: [
            { path: 'functions.orders.memoryMb', message: '256 is outside 128 to 200.' },
            { path: 'functions.orders.env', message: expect.stringContaining('24 bytes') },
          ],
        },
      }),
    );
  });

  it('never prints a value of the environment', () => {
    const provider = providerWith({}, { envBytes: 1 });
    expect(() => checkSpec(provider, spec({ env: { KEY: 'hunter2' } }), 'bundle')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });

  it('refuses a kind of event that the code does not handle, unless nothing is known of the code', () => {
    expect(() => checkHandles('toy', 'orders', ['invoke', 'http'], [topic])).toThrow(
      /no "topic" handler; it handles: invoke, http/,
    );
    expect(() => checkHandles('toy', 'orders', ['topic'], [topic])).not.toThrow();
    expect(() => checkHandles('toy', 'orders', [], [topic])).not.toThrow();
  });
});
