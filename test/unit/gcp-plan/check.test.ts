import { describe, expect, it } from 'vitest';
import type { ProviderOptions } from 'polyfaas/spi';
import { functionIssues } from '../../../providers/gcp/check.ts';
import type { FunctionSpecBase } from '../../../src/spec/types.ts';
import { platformOf, specOf } from './spec.ts';

function issuesOf(declared: FunctionSpecBase, options: object = {}, name = 'orders') {
  return functionIssues(specOf(declared, name), platformOf(options));
}

const cpu = (value: number): ProviderOptions => ({ gcp: { cpu: value } });

describe('what Google would refuse', () => {
  it('finds nothing wrong with a plain declaration', () => {
    const declared: FunctionSpecBase = {
      memoryMb: 512,
      timeoutSeconds: 600,
      env: { STAGE: 'dev', DB: { $secret: 'orders/db', version: '3' } },
      tags: { team: 'shop', empty: '' },
      events: [{ type: 'http' }, { type: 'queue', queue: 'orders' }],
    };
    expect(issuesOf(declared)).toStrictEqual([]);
    expect(issuesOf({ timeoutSeconds: 3600, events: [{ type: 'http' }] })).toStrictEqual([]);
  });

  it.each<[string, FunctionSpecBase, string, RegExp]>([
    ['a reserved variable', { env: { K_SERVICE: 'x' } }, 'env.K_SERVICE', /set or acted on/],
    ['a variable of Google', { env: { X_GOOGLE_A: 'x' } }, 'env.X_GOOGLE_A', /set or acted on/],
    ['the port', { env: { PORT: '1' } }, 'env.PORT', /set or acted on/],
    [
      'a version of a secret that is no number',
      { env: { DB: { $secret: 'db', version: 'one' } } },
      'env.DB',
      /"one" is no version/,
    ],
    ['a secret with a bad name', { env: { DB: { $secret: 'a@b' } } }, 'env.DB', /Secret Manager/],
    ['an old runtime', { runtime: 'node20' }, 'runtime', /2026-10-30/],
    ['a key that is no label', { tags: { Team: 'x' } }, 'tags.Team', /no key of a label/],
    ['a value that is no label', { tags: { team: 'A b' } }, 'tags.team', /no value of a label/],
    ['a reserved label', { tags: { 'goog-x': 'a' } }, 'tags.goog-x', /reserved/],
    [
      'a long timeout with a queue',
      { timeoutSeconds: 601, events: [{ type: 'queue', id: 'q', queue: 'orders' }] },
      'timeoutSeconds',
      /601 is more than the 600 s that queue events allow.*"q"/,
    ],
    [
      'a long timeout with a timer',
      { timeoutSeconds: 1801, events: [{ type: 'schedule', id: 's', every: '1 hour' }] },
      'timeoutSeconds',
      /1801 is more than the 1800 s that schedule events allow/,
    ],
    ['no instance at all', { maxInstances: 0 }, 'maxInstances', /1 to 1000/],
    [
      'more ready than there may be',
      { minInstances: 3, maxInstances: 2 },
      'minInstances',
      /3 is more than maxInstances \(2\)/,
    ],
    [
      'half a vCPU for several requests at once',
      { concurrency: 10, providerOptions: cpu(0.5) },
      'providerOptions.gcp.cpu',
      /0.5 is less than the 1 .*concurrency 10/,
    ],
    [
      'little memory for many vCPUs',
      { memoryMb: 512, providerOptions: cpu(4) },
      'providerOptions.gcp.cpu',
      /4 vCPUs do not go with 512 MB.*4: 2048 to 16384 MB/,
    ],
    [
      'much memory for few vCPUs',
      { memoryMb: 8192, providerOptions: cpu(1) },
      'providerOptions.gcp.cpu',
      /1 vCPUs do not go with 8192 MB.*1: 128 to 4096 MB/,
    ],
    [
      'much memory for a part of one',
      { memoryMb: 1024, providerOptions: cpu(0.4) },
      'providerOptions.gcp.cpu',
      /0.08: 128 to 512 MB; 0.5: 128 to 1024 MB/,
    ],
  ])('names %s', (_, declared, field, message) => {
    expect(issuesOf(declared)).toStrictEqual([
      { path: `functions.orders.${field}`, message: expect.stringMatching(message) },
    ]);
  });

  it('names two secrets that would be one', () => {
    const env = { A: { $secret: 'orders/db' }, B: { $secret: 'orders.db' } };
    expect(issuesOf({ env })).toStrictEqual([
      { path: 'functions.orders.env.B', message: expect.stringContaining('"orders-db"') },
    ]);
  });

  it('says aloud that concurrency costs a whole vCPU', () => {
    expect(issuesOf({ memoryMb: 512, concurrency: 20 })).toStrictEqual([
      {
        path: 'functions.orders.providerOptions.gcp.cpu',
        message: expect.stringContaining('concurrency 20'),
        warning: 'rounded',
      },
    ]);
    expect(issuesOf({ memoryMb: 2048, concurrency: 20 })).toStrictEqual([]);
    expect(issuesOf({ concurrency: 20 }, { cpu: 1 })).toStrictEqual([]);
  });

  it('refuses a name that Cloud Run would, unless it is given another', () => {
    expect(issuesOf({}, {}, 'orders-')).toHaveLength(1);
    expect(issuesOf({}, { functionIds: { 'orders-': 'orders-eu' } }, 'orders-')).toStrictEqual([]);
  });

  it('tells every problem of the options', () => {
    const wrong: object = { gcp: { ingress: 'ALL', vpcConnector: 'c', other: 1 } };
    const paths = issuesOf({ providerOptions: wrong }).map(({ path }) => path);
    expect(paths).toContain('functions.orders.providerOptions.gcp.ingress');
    expect(paths).toContain('functions.orders.providerOptions.gcp.vpcConnector');
  });
});
