import { describe, expect, it } from 'vitest';
import { createServerlessManager, type ServerlessManager } from 'polyfaas';
import { collect, stubProvider } from '../review/core-support.ts';

const WRONG: readonly (readonly [string, unknown])[] = [
  ['a symbol', Symbol('s')],
  ['an object without a prototype', Object.create(null)],
  [
    'an object that fails to describe itself',
    {
      toString: () => {
        throw new Error('boom');
      },
    },
  ],
  ['a date that is none', new Date(Number.NaN)],
  ['a large number', 10n ** 300n],
  ['a megabyte', 'x'.repeat(1_000_000)],
  ['a function', () => 'orders'],
  ['an empty list', []],
  ['null', null],
];

type Call = (manager: ServerlessManager, value: unknown) => Promise<unknown>;

/** As a program without types would call it. */
const call =
  (method: string, args: (value: unknown) => readonly unknown[]): Call =>
  (manager, value) => {
    const answer: unknown = Reflect.apply(Reflect.get(manager, method), manager, args(value));
    return isStream(answer) ? collect(answer) : Promise.resolve(answer);
  };

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

const CALLS: Readonly<Record<string, Call>> = {
  ...Object.fromEntries(
    [
      'plan',
      'packageReport',
      'deploy',
      'invoke',
      'describe',
      'remove',
      'rollback',
      'prune',
      'logs',
    ].map((method) => [`name of ${method}`, call(method, (value) => [value])]),
  ),
  instances: call('preWarm', (instances) => ['orders', { instances }]),
  keepVersions: call('prune', (keepVersions) => ['orders', { keepVersions }]),
  limit: call('logs', (limit) => ['orders', { limit }]),
  last: call('logs', (last) => ['orders', { last }]),
  'last of metrics': call('metrics', (last) => ['orders', { last }]),
  from: call('metrics', (from) => ['orders', { from }]),
  to: call('metrics', (to) => ['orders', { from: '2026-01-01T00:00:00Z', to }]),
  version: call('invoke', (version) => ['orders', 1, { version }]),
  'version of rollback': call('rollback', (version) => ['orders', { version }]),
  requestId: call('invoke', (requestId) => ['orders', 1, { requestId }]),
  traceparent: call('invoke', (traceparent) => ['orders', 1, { traceparent }]),
  spec: call('deploy', (spec) => ['orders', { spec }]),
};

const manager = await createServerlessManager(
  { app: 'shop', stage: 'dev', functions: { orders: { source: 'export const x = 1;' } } },
  { telemetry: false, provider: () => stubProvider({}) },
);

describe('an argument that is none', () => {
  it.each(Object.entries(CALLS))('is refused with a short text, as %s', async (_field, make) => {
    for (const [kind, value] of WRONG) {
      const error: unknown = await make(manager, value).then(
        (answer) => ({ kind, answer }),
        (reason: unknown) => reason,
      );
      expect({ kind, error }).toMatchObject({
        kind,
        error: { name: 'ServerlessError', code: 'INVALID_ARGUMENT' },
      });
      expect(String(error).length).toBeLessThan(700);
    }
  });

  it('is refused as a target', () => {
    for (const [, value] of WRONG) {
      expect(() => Reflect.apply(manager.target, manager, [value])).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      );
    }
  });

  it('is an empty version too', async () => {
    const refusal = { code: 'INVALID_ARGUMENT', message: expect.stringContaining('version: ""') };
    await expect(manager.invoke('orders', 1, { version: '' })).rejects.toMatchObject(refusal);
    await expect(manager.rollback('orders', { version: '' })).rejects.toMatchObject(refusal);
  });
});
