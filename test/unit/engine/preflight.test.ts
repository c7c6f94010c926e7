import { describe, expect, it } from 'vitest';
import { checkBinding, checkHandles, checkSpec } from '../../../src/engine/preflight.ts';
import { normalizeEvent } from '../../../src/spec/normalize-event.ts';
import {
  CAPABILITY_KEYS,
  type Capabilities,
  type CapabilityKey,
} from '../../../src/spi/capabilities.ts';
import type { NormalFunctionSpec } from '../../../src/spi/provider.ts';
import { CAPABILITIES } from '../../../providers/local/capabilities.ts';

const none = { support: 'none', why: 'There is no such thing. Use a queue.' } as const;

function providerWith(
  features: Partial<Capabilities['features']> = {},
  limits: Partial<Capabilities['limits']> = {},
  parts: Partial<Parameters<typeof checkSpec>[0]> = {},
): Parameters<typeof checkSpec>[0] {
  return {
    id: 'toy',
    capabilities: {
      ...CAPABILITIES,
      features: { ...CAPABILITIES.features, ...features },
      limits: { ...CAPABILITIES.limits, ...limits },
    },
    validate: () => [],
    validateBinding: () => [],
    ...parts,
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
        details: expect.objectContaining({
          capability: 'event.topic',
          path: 'functions.orders.events.topic-1',
        }),
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

  it.each([
    { type: 'queue', queue: 'q' },
    { type: 'topic', topic: 'news' },
    { type: 'object', bucket: 'files' },
    { type: 'stream', stream: 's' },
    { type: 'table', table: 't' },
    { type: 'bus' },
  ] as const)('asks for the dead letters of the kind that the event has: $type', (event) => {
    const key: CapabilityKey = `event.${event.type}.deadLetter`;
    const plain = { ...normalizeEvent(event), origin: 'api' } as const;
    const dead = { ...normalizeEvent({ ...event, deadLetter: 'dead' }), origin: 'api' } as const;
    const lacking = providerWith({ [key]: none });
    expect(() => checkBinding(lacking, 'orders', dead)).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        details: expect.objectContaining({ capability: key, path: `event ${dead.id}.deadLetter` }),
      }),
    );
    expect(() => checkBinding(lacking, 'orders', plain)).not.toThrow();
    const others = CAPABILITY_KEYS.filter(
      (other) => other.endsWith('.deadLetter') && other !== key,
    );
    expect(others).toHaveLength(5);
    const onlyThis = providerWith(Object.fromEntries(others.map((other) => [other, none])));
    expect(() => checkBinding(onlyThis, 'orders', dead)).not.toThrow();
  });

  it('refuses an event that only the provider knows to be wrong, declared or added', () => {
    const path = 'functions.orders.events.topic-1.topic';
    const issue = { path, message: '"news" is reserved. Choose another topic.' };
    const provider = providerWith(
      {},
      {},
      {
        validateBinding: (functionName, { id }) =>
          functionName === 'orders' && id === 'topic-1' ? [issue] : [],
      },
    );
    const refusal = expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: `${issue.path}: ${issue.message}`,
      details: { issues: [issue] },
    });
    expect(() => checkSpec(provider, spec({ bindings: [topic] }), 'bundle')).toThrow(refusal);
    expect(() => checkBinding(provider, 'orders', topic)).toThrow(refusal);
    expect(checkSpec(provider, spec(), 'bundle')).toEqual([]);
    expect(checkBinding(provider, 'orders', { ...topic, id: 'topic-2' })).toEqual([]);
  });

  it('says aloud what the provider only warns of, for an event too', () => {
    const path = 'functions.orders.events.topic-1.retry';
    const issue = {
      path,
      message: 'The topic has a policy of its own.',
      warning: 'ignored',
    } as const;
    const provider = providerWith({}, {}, { validateBinding: () => [issue] });
    const warnings = [{ type: 'ignored', field: path, message: issue.message }];
    expect(checkSpec(provider, spec({ bindings: [topic] }), 'bundle')).toEqual(warnings);
    expect(checkBinding(provider, 'orders', topic)).toEqual(warnings);
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

  it('names all that is not there and all else that is wrong, at once', () => {
    const event = `functions.orders.events.topic-1`;
    const provider = providerWith(
      { 'event.topic': none, 'event.topic.deadLetter': none, 'instance.minInstances': none },
      { memoryMb: { min: 128, max: 200 } },
      {
        validate: () => [{ path: 'functions.orders.tags', message: 'there are too many.' }],
        // It knows nothing of topics.
        validateBinding: () => expect.unreachable(),
      },
    );
    const wrong = spec({
      async: { ...spec().async, onFailure: { type: 'queue', name: 'failed' } },
      minInstances: 1,
      bindings: [{ ...topic, event: { ...topic.event, deadLetter: 'dead' } }],
    });
    const why = 'There is no such thing. Use a queue.';
    const issues = [
      { path: 'functions.orders.async.retry', message: expect.stringContaining('asyncRetry') },
      {
        path: 'functions.orders.minInstances',
        message: `toy does not support "instance.minInstances". ${why}`,
      },
      { path: 'functions.orders.async', message: expect.stringContaining('destinations') },
      { path: event, message: `toy does not support "event.topic". ${why}` },
      { path: 'functions.orders.memoryMb', message: '256 is outside 128 to 200.' },
      { path: 'functions.orders.tags', message: 'there are too many.' },
    ];
    const asked = [{ key: 'invoke.asyncRetry', path: 'functions.orders.async.retry' }] as const;
    const without = {
      ...provider,
      capabilities: {
        ...provider.capabilities,
        features: {
          ...provider.capabilities.features,
          'invoke.asyncRetry': none,
          'invoke.destinations': none,
        },
      },
    };
    expect(() => checkSpec(without, wrong, 'bundle', asked)).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(
          /^(?:functions\.orders\.[^\n]+\n){5}functions\.orders\.tags/,
        ),
        details: { capability: 'invoke.asyncRetry', path: 'functions.orders.async.retry', issues },
      }),
    );
  });

  it('tells what is not there also where the provider cannot check such a declaration', () => {
    const confused = {
      validate: () => {
        throw new TypeError('no images here');
      },
    };
    const provider = providerWith({ 'deploy.image': none }, {}, confused);
    expect(() => checkSpec(provider, spec(), 'image')).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED' }),
    );
    expect(() => checkSpec(providerWith({}, {}, confused), spec(), 'bundle')).toThrow('no images');
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
