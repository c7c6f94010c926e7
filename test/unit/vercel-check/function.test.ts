import type { NormalFunctionSpec, ProviderOptions, SpecIssue } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { asyncIssues, functionIssues } from '../../../providers/vercel/check.ts';
import { platformSettings } from '../../../providers/vercel/options.ts';
import { http, queue, RETRY, schedule, topic } from '../../support/bindings.ts';

const SPEC: NormalFunctionSpec = {
  name: 'orders',
  description: '',
  runtime: 'node',
  memoryMb: 2048,
  timeoutSeconds: 30,
  env: {},
  minInstances: 0,
  maxInstances: undefined,
  concurrency: 1,
  architecture: undefined,
  async: { retry: RETRY, maxAgeSeconds: 21_600 },
  tracing: undefined,
  keepVersions: 5,
  tags: {},
  bindings: [],
  providerOptions: {},
};

function issuesOf(change: Partial<NormalFunctionSpec>, options = {}): readonly SpecIssue[] {
  return functionIssues({ ...SPEC, ...change }, platformSettings(options, undefined, {}));
}

const pathsOf = (issues: readonly SpecIssue[]): readonly string[] => issues.map(({ path }) => path);

describe('a declaration', () => {
  it('that Vercel can have has no issue', () => {
    const env = { STAGE: 'dev', DB: { $secret: 'orders/db' }, AWS_REGION: 'eu-central-1' };
    const bindings = [http('web'), schedule('tick')];
    expect(issuesOf({ env, bindings, tags: { team: 'shop' } })).toStrictEqual([]);
  });

  it('is told what Vercel has no place for, with what was declared', () => {
    const issues = issuesOf({
      description: 'Adds up',
      tracing: { sampleRate: 0.5 },
      async: { ...SPEC.async, maxAgeSeconds: 60 },
    });
    expect(issues.map(({ path, warning }) => `${warning} ${path}`)).toStrictEqual([
      'ignored functions.orders.description',
      'ignored functions.orders.tracing',
      'ignored functions.orders.async',
    ]);
    expect(issues[0]?.message).toMatch(/"Adds up".*Vercel.*`tags`/);
    expect(issues[1]?.message).toMatch(/0\.5.*Vercel/);
    expect(
      issuesOf({ async: { ...SPEC.async, maxAgeSeconds: 60 } }, { queues: 'beta' }),
    ).toStrictEqual([]);
  });

  it('is told where its timeout needs a beta of the account', () => {
    expect(issuesOf({ timeoutSeconds: 800 })).toStrictEqual([]);
    const [issue, ...others] = issuesOf({ timeoutSeconds: 801 });
    expect(others).toStrictEqual([]);
    expect(issue).toMatchObject({ path: 'functions.orders.timeoutSeconds', warning: 'limit' });
    expect(issue?.message).toMatch(/801.*800.*1800.*beta/);
  });

  it('is told that its memory may be ignored, where it was declared', () => {
    for (const memoryMb of [256, 2048, 4096]) expect(issuesOf({ memoryMb })).toStrictEqual([]);
    const [issue, ...others] = issuesOf({ memoryMb: 512 });
    expect(others).toStrictEqual([]);
    expect(issue).toMatchObject({ path: 'functions.orders.memoryMb', warning: 'limit' });
    expect(issue?.message).toMatch(/512 MB.*Active CPU.*2048 MB.*4096 MB.*Performance/);
  });

  it('has ids of queues and topics that a disk can tell apart', () => {
    const queues = ['in', 'IN', 'other'].map((id) => queue(id));
    expect(pathsOf(issuesOf({ bindings: queues }))).toStrictEqual(['functions.orders.events.IN']);
    expect(issuesOf({ bindings: [http('in'), queue('IN')] })).toStrictEqual([]);
  });

  it('tells every problem at once', () => {
    // What a configuration file holds is not typed.
    const wrong: object = { runtime: 'nodejs18.x', region: 'fra1' };
    const providerOptions: ProviderOptions = { vercel: wrong };
    const issues = issuesOf({
      runtime: 'node20',
      providerOptions,
      env: { VERCEL_URL: 'x' },
      tags: { polyfaasX: 'y' },
    });
    expect(pathsOf(issues).toSorted()).toStrictEqual([
      'functions.orders.env.VERCEL_URL',
      'functions.orders.providerOptions.vercel.region',
      'functions.orders.providerOptions.vercel.runtime',
      'functions.orders.runtime',
      'functions.orders.tags.polyfaasX',
    ]);
  });

  it('has a name that a project can have', () => {
    expect(pathsOf(issuesOf({ name: 'orders-' }))).toStrictEqual(['functions.orders-']);
    expect(issuesOf({ name: 'orders_' })).toStrictEqual([]);
    const projectNames = { 'orders-': 'orders-eu' };
    expect(issuesOf({ name: 'orders-' }, { projectNames })).toStrictEqual([]);
  });
});

describe('an environment', () => {
  const about = (env: NormalFunctionSpec['env']): readonly SpecIssue[] => issuesOf({ env });

  it('leaves alone what Vercel and Node.js have for themselves', () => {
    for (const name of [
      'VERCEL',
      'VERCEL_ENV',
      'CRON_SECRET',
      'POLYFAAS_X',
      'NODE_OPTIONS',
      'AWS_LAMBDA_FUNCTION_NAME',
      'PATH',
      'a-b',
      '1A',
    ]) {
      expect(pathsOf(about({ [name]: 'x' }))).toStrictEqual([`functions.orders.env.${name}`]);
    }
    expect(about({ AWS_ACCESS_KEY_ID: 'x', TZ: 'UTC', VERCELLI: 'x' })).toStrictEqual([]);
  });

  it('is as large as two of it have room for', () => {
    expect(about({ A: 'x'.repeat(32_481) })).toStrictEqual([]);
    // Each line break is two characters in JSON.
    for (const value of ['x'.repeat(32_482), '\n'.repeat(16_241)]) {
      expect(about({ A: value })).toMatchObject([
        { path: 'functions.orders.env', message: expect.stringContaining('32489') },
      ]);
    }
  });

  it('names secrets that can be variables of a project, each its own', () => {
    expect(pathsOf(about({ A: { $secret: 'vercel/token' } }))).toHaveLength(1);
    expect(pathsOf(about({ A: { $secret: 'cron/secret' } }))).toHaveLength(1);
    expect(pathsOf(about({ A: { $secret: 'polyfaas-keys' } }))).toHaveLength(1);
    expect(about({ A: { $secret: 'a/b' }, B: { $secret: 'a/b' } })).toStrictEqual([]);
    expect(about({ A: { $secret: 'a/b' }, B: { $secret: 'a.b' } })).toMatchObject([
      { path: 'functions.orders.env.B', message: expect.stringContaining('"a_b"') },
    ]);
  });

  it('has no versions of secrets', () => {
    expect(about({ A: { $secret: 'a', version: 'latest' } })).toStrictEqual([]);
    expect(about({ A: { $secret: 'a', version: '3' } })).toMatchObject([
      { path: 'functions.orders.env.A', message: expect.stringContaining('leave it out') },
    ]);
  });
});

describe('tags', () => {
  it('are keys and values of metadata', () => {
    expect(issuesOf({ tags: { 'cost.center': 'a b', Team_1: 'ü' } })).toStrictEqual([]);
    for (const key of ['githubCommitSha', 'vercelX', '1a', 'a b']) {
      expect(pathsOf(issuesOf({ tags: { [key]: 'x' } }))).toStrictEqual([
        `functions.orders.tags.${key}`,
      ]);
    }
    expect(issuesOf({ tags: { a: 'x'.repeat(1001) } })).toHaveLength(1);
    const many = Object.fromEntries(Array.from({ length: 81 }, (_, index) => [`t${index}`, 'x']));
    expect(pathsOf(issuesOf({ tags: many }))).toStrictEqual(['functions.orders.tags']);
  });
});

describe('schedules', () => {
  it('are as many as a project can have, of those that run', () => {
    const bindings = Array.from({ length: 101 }, (_, index) => schedule(`s${index}`));
    expect(pathsOf(issuesOf({ bindings }))).toStrictEqual(['functions.orders.events']);
    const [, ...others] = bindings;
    expect(issuesOf({ bindings: [schedule('off', { enabled: false }), ...others] })).toEqual([]);
  });
});

describe('asynchronous invocations', () => {
  it('have destinations that an event of the same function reads: no other function can', () => {
    const onSuccess = { type: 'queue', name: 'done' } as const;
    const onFailure = { type: 'topic', name: 'failed' } as const;
    const async = { ...SPEC.async, onSuccess, onFailure };
    const bindings = [queue('q', { queue: 'done' })];
    const [unread, ...others] = issuesOf({ async, bindings }, { queues: 'beta' });
    expect(others).toEqual([]);
    expect(unread).toMatchObject({ path: 'functions.orders.async.onFailure', warning: 'limit' });
    expect(unread?.message).toContain('topic "failed"');
    const all = [...bindings, topic('t', { topic: 'failed' })];
    expect(issuesOf({ async, bindings: all }, { queues: 'beta' })).toEqual([]);
  });

  it('have destinations that Vercel Queues take', () => {
    const onSuccess = { type: 'topic', name: 'done' } as const;
    expect(asyncIssues('orders', { ...SPEC.async, onSuccess })).toStrictEqual([]);
    const onFailure = { type: 'queue', name: 'not a name' } as const;
    const retry = { ...RETRY, delaySeconds: 4_000, maxDelaySeconds: 4_000 };
    expect(pathsOf(asyncIssues('orders', { ...SPEC.async, retry, onFailure }))).toStrictEqual([
      'functions.orders.async.retry.delaySeconds',
      'functions.orders.async.onFailure.name',
    ]);
  });
});
