import { describe, expect, it } from 'vitest';
import type { EventSpec, ProviderOptions } from 'polyfaas';
import { checkBinding, checkSpec } from '../../../src/engine/preflight.ts';
import { normalizeEvent } from '../../../src/spec/normalize-event.ts';
import { normalizeFunction } from '../../../src/spec/normalize.ts';
import { stubProvider } from '../review/core-support.ts';

interface Declared {
  readonly tags?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly providerOptions?: ProviderOptions;
  readonly events?: readonly EventSpec[];
}

function checked(declared: Declared): unknown {
  const { spec } = normalizeFunction('orders', { source: 'export const x = 1;', ...declared });
  return checkSpec(stubProvider({}), spec, 'bundle');
}

const reference = { $from: 'publish.version' };
const ofAnyProvider: object = { stub: { policies: [{ name: reference }] } };
const schedule = (input: EventSpec & { type: 'schedule' }): readonly EventSpec[] => [input];

const refusal = (path: string) =>
  expect.objectContaining({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining(`${path}: holds an object with the key "$from"`),
    details: { issues: [expect.objectContaining({ path })] },
  });

describe('what a declaration has that looks like a reference in a plan', () => {
  it.each([
    ['functions.orders.tags', { tags: reference }],
    ['functions.orders.tags', { tags: { ...reference, team: 'checkout' } }],
    ['functions.orders.env', { env: reference }],
    ['functions.orders.providerOptions', { providerOptions: ofAnyProvider }],
    [
      'functions.orders.events.tick.input',
      { events: schedule({ id: 'tick', type: 'schedule', every: '1h', input: [reference] }) },
    ],
  ] as const)('is refused at %s', (path, declared) => {
    expect(() => checked(declared)).toThrow(refusal(path));
  });

  it('is refused of an event that is added later', () => {
    const event: EventSpec = { id: 'tick', type: 'schedule', every: '1h', input: reference };
    const binding = { ...normalizeEvent(event), origin: 'api' } as const;
    expect(() => checkBinding(stubProvider({}), 'orders', binding)).toThrow(
      refusal('event tick.input'),
    );
  });

  it('is none where a pattern asks for a field of that name', () => {
    const event: EventSpec = { type: 'bus', pattern: { data: { $from: ['shop'] } } };
    expect(() => checked({ events: [event] })).not.toThrow();
  });

  it('is none as an ordinary text', () => {
    expect(() =>
      checked({ tags: { team: '$from' }, env: { FROM: '{"$from":"a.b"}' } }),
    ).not.toThrow();
  });
});
