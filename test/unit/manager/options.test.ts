import { describe, expect, it } from 'vitest';
import type { ServerlessManager } from 'polyfaas';
import { checkOptions } from '../../../src/manager/options.ts';
import { answering, newShop } from '../local-provider/shop.ts';
import { collect } from '../review/core-support.ts';
import { pairOfClouds } from '../targets/support.ts';

/** As a program without types would have it. */
const wrong = (options: object): object => options;

const refusal = (path: string, message: string | RegExp) =>
  expect.objectContaining({
    name: 'ServerlessError',
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(message),
    details: { issues: [{ path, message: expect.any(String) }] },
  });

describe('options that a method has not got', () => {
  it.each([
    ['invoke', { timeout: 5 }, 'timeout', /^timeout: is no option of invoke, which takes mode, /],
    ['invoke', { idempotant: true }, 'idempotant', /Did you mean "idempotent"\?/],
    ['invoke', { follow: true }, 'follow', /is no option of invoke/],
    ['deploy', { onprogress: () => {} }, 'onprogress', /Did you mean "onProgress"\?/],
    ['deploy', { only: ['a'] }, 'only', /is no option of deploy/],
    ['deployAll', { only: ['a'], spec: {} }, 'spec', /is no option of deployAll/],
    ['metrics', { last: '1h', til: 'now' }, 'til', /is no option of metrics/],
    ['logs', { minlevel: 'warn' }, 'minlevel', /Did you mean "minLevel"\?/],
    ['prune', { keepVersion: 1 }, 'keepVersion', /Did you mean "keepVersions"\?/],
    ['describe', { toString: 1 }, 'toString', /is no option of describe/],
  ] as const)('%s refuses %j', (method, options, path, message) => {
    expect(() => checkOptions(method, wrong(options))).toThrow(refusal(path, message));
  });

  it('are refused by every method', async () => {
    const manager = await newShop().open({ orders: answering('one') });
    const extra = { signal: undefined, extra: 1 };
    const calls: Readonly<Record<string, (of: ServerlessManager) => Promise<unknown>>> = {
      plan: (of) => of.plan('orders', extra),
      packageReport: (of) => of.packageReport('orders', extra),
      deploy: (of) => of.deploy('orders', extra),
      deployAll: (of) => of.deployAll(extra),
      invoke: (of) => of.invoke('orders', null, extra),
      configureEvent: (of) => of.configureEvent('orders', { type: 'http', path: '/' }, extra),
      removeEvent: (of) => of.removeEvent('orders', 'x', extra),
      preWarm: (of) => of.preWarm('orders', { instances: 1, ...extra }),
      metrics: (of) => of.metrics('orders', { last: '1h', ...extra }),
      logs: (of) => collect(of.logs('orders', extra)),
      rollback: (of) => of.rollback('orders', extra),
      remove: (of) => of.remove('orders', extra),
      prune: (of) => of.prune('orders', extra),
      describe: (of) => of.describe('orders', extra),
      list: (of) => collect(of.list(extra)),
    };
    for (const [method, call] of Object.entries(calls)) {
      await expect(call(manager)).rejects.toThrow(refusal('extra', `of ${method}`));
    }
  });

  it('are refused on several targets, which take their own', async () => {
    const pair = await pairOfClouds();
    const { outcomes } = await pair.manager.deployAll({ only: ['echo'], drift: 'cheap' });
    expect(outcomes).toMatchObject([{ name: 'echo', status: 'deployed' }]);
    await expect(pair.manager.invoke('echo', 1, wrong({ timeout: 5 }))).rejects.toThrow(
      refusal('timeout', /is no option of invoke/),
    );
    await expect(collect(pair.manager.logs('echo', wrong({ tail: 5 })))).rejects.toThrow(
      refusal('tail', /is no option of logs/),
    );
    await pair.close();
  });
});

describe('options that are null', () => {
  it.each([
    ['deploy', 'spec'],
    ['logs', 'limit'],
    ['logs', 'last'],
    ['logs', 'from'],
    ['metrics', 'to'],
    ['prune', 'keepVersions'],
    ['preWarm', 'instances'],
    ['packageReport', 'folder'],
  ] as const)('are not taken for such that are not given: %s, %s', (method, field) => {
    expect(() => checkOptions(method, wrong({ [field]: null }))).toThrow(
      refusal(field, `^${field}: null is not a value\\. Leave the option out instead\\.$`),
    );
  });
});

describe('options that are taken', () => {
  it.each([
    ['invoke', { mode: 'async', idempotent: true, requestId: 'a', traceparent: 'b', version: 'c' }],
    ['deploy', { adopt: true, prune: true, drift: 'full', spec: {}, onProgress: () => {} }],
    ['logs', { requestId: 'a', minLevel: 'warn', limit: 1, cursor: 'c', follow: true, last: '1h' }],
    ['metrics', { from: '2026-01-01T00:00:00Z', to: new Date() }],
    ['packageReport', { loads: 0, folder: '/tmp' }],
    ['preWarm', { instances: 1, signal: new AbortController().signal }],
  ] as const)('%s: %j', (method, options) => {
    expect(checkOptions(method, options)).toBe(options);
  });

  it('may name what is undefined, and inherit what nobody asked for', () => {
    const options = wrong({ timeout: undefined });
    expect(checkOptions('invoke', options)).toBe(options);
    const inherited: object = Object.create({ extra: 1 });
    expect(checkOptions('invoke', inherited)).toBe(inherited);
  });

  it('are all handed on by deployAll', async () => {
    const manager = await newShop().open({ orders: answering('one'), other: answering('two') });
    const seen = new Set<string>();
    const { outcomes } = await manager.deployAll({
      only: ['orders'],
      onProgress: (event) => seen.add(event.function.name),
    });
    expect(outcomes.map(({ name, status }) => [name, status])).toEqual([['orders', 'deployed']]);
    expect([...seen]).toEqual(['orders']);
  });
});

describe('options that have to be given', () => {
  it.each([
    ['preWarm', "options: undefined is not an object. Write preWarm('orders', { instances: 3 })."],
    ['metrics', "options: undefined is not an object. Write metrics('orders', { last: '1h' })."],
    ['describe', 'options: undefined is not an object.'],
  ] as const)('of %s are shown where they are left out', (method, message) => {
    expect(() => Reflect.apply(checkOptions, undefined, [method, undefined])).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message }),
    );
  });
});

describe('how often packageReport loads the code', () => {
  it.each(['x', Number.NaN, -1, 1.5, 21, 1e9, Number.POSITIVE_INFINITY, null])(
    'is not %j',
    (loads) => {
      expect(() => checkOptions('packageReport', wrong({ loads }))).toThrow(
        refusal('loads', /^loads: .* is not a whole number from 0 to 20\.$/),
      );
    },
  );

  it.each([0, 3, 20, undefined])('may be %j', (loads) => {
    expect(checkOptions('packageReport', { loads })).toEqual({ loads });
  });
});
