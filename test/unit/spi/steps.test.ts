import { executorOf, featuresWith } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { contextOf, step } from '../review/core-support.ts';

interface AcmeSteps {
  readonly publish: { readonly name: string };
  readonly 'go-live': { readonly version: string };
}

describe('an executor of steps', () => {
  const execute = executorOf<AcmeSteps>('acme', {
    publish: async ({ name }) => ({ done: true, output: { version: `${name}-1` } }),
    'go-live': async ({ version }, { resume }) =>
      resume === undefined
        ? { done: false, pollAfterMs: 10, resume: version }
        : { done: true, output: { resume } },
  });
  const call = contextOf(new ManualClock());

  it('does each kind by its own function, with what the planner put in', async () => {
    const publish = step('first', { kind: 'publish', input: { name: 'orders' } });
    expect(await execute(publish, call)).toEqual({ done: true, output: { version: 'orders-1' } });
    const live = step('go-live', { input: { version: '7' } });
    const waiting = { done: false, pollAfterMs: 10, resume: '7' };
    expect(await execute(live, call)).toEqual(waiting);
    const resumed = await execute(live, { ...call, resume: '7' });
    expect(resumed).toEqual({ done: true, output: { resume: '7' } });
  });

  it.each(['warm', 'toString', '__proto__'])('refuses a kind that it has not: %s', async (kind) => {
    await expect(execute(step('last', { kind }), call)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      provider: 'acme',
      step: 'last',
      message: `The step "last" is of the kind "${kind}", and acme knows publish, go-live. Was the plan made by another version? Plan again with this one.`,
    });
  });

  it('has a function for each kind, of the right input', async () => {
    // @ts-expect-error there is none for go-live
    const partial = executorOf<AcmeSteps>('acme', { publish: async () => ({ done: true }) });
    await expect(partial(step('go-live', { input: { version: '7' } }), call)).rejects.toThrow(
      'acme knows publish.',
    );
    const wrong = executorOf<AcmeSteps>('acme', {
      // @ts-expect-error the planner puts no version into it
      publish: async ({ version }) => ({ done: true, output: { version: version ?? null } }),
      'go-live': async () => ({ done: true }),
    });
    const published = await wrong(step('publish', { input: { name: 'orders' } }), call);
    expect(published).toEqual({ done: true, output: { version: null } });
  });
});

describe('rows for all capabilities', () => {
  it('are those that are given, and one for the rest', () => {
    const none = { support: 'none', why: 'It is small. Use "local".' } as const;
    const calls = { support: 'native', via: 'POST /call' } as const;
    const features = featuresWith(none, { 'invoke.sync': calls });
    expect(features['invoke.sync']).toBe(calls);
    expect(features['event.queue']).toBe(none);
    expect(Object.values(features)).not.toContain(undefined);
  });

  it('are of capabilities that there are', () => {
    const none = { support: 'none', why: 'It is small.' } as const;
    // @ts-expect-error no capability is called so
    expect(featuresWith(none, { 'invoke.snyc': none })).not.toHaveProperty('invoke.snyc');
  });
});
