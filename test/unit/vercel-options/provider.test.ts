import { ServerlessError, type CallContext, type ProviderParts } from 'polyfaas/spi';
import { createVercelProvider, VERCEL } from 'polyfaas/vercel';
import { describe, expect, it, onTestFinished } from 'vitest';
import { keepEnvironment } from '../../support/environment.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const clock = new ManualClock(Date.UTC(2026, 10, 20));

function partsOf(vercel: ProviderParts['providerOptions']['vercel']): ProviderParts {
  return {
    app: 'shop',
    stage: 'dev',
    root: '/nowhere',
    region: 'eu-central',
    providerOptions: { ...(vercel && { vercel }) },
    clock,
    random: Math.random,
    log: { log() {} },
  };
}

const CALL: CallContext = {
  signal: new AbortController().signal,
  clock,
  random: Math.random,
  log: { log() {} },
  warn: () => undefined,
  artifacts: { get: () => Promise.reject(new Error('There is none.')) },
};

describe('the provider', () => {
  it('sends nothing when it is made, asked who it is, and closed', async () => {
    const provider = createVercelProvider(partsOf({ token: 't', team: 'team_1' }));
    expect(provider).toMatchObject({ specVersion: 1, id: 'vercel' });
    expect(await provider.identify(CALL)).toStrictEqual({ account: 'team_1', region: 'fra1' });
    expect(provider.native(VERCEL.clients)?.team).toBe('team_1');
    await provider.close();
    await provider.close();
  });

  it('can do what its account opted in to', async () => {
    for (const [options, support] of [
      [{}, 'none'],
      [{ queues: 'beta' }, 'native'],
    ] as const) {
      const provider = createVercelProvider(partsOf({ token: 't', ...options }));
      expect(provider.capabilities.features['event.queue'].support).toBe(support);
      await provider.close();
    }
  });

  it('is not made of options that are wrong', () => {
    const wrong: object = { tokn: 'x' };
    expect(() => createVercelProvider(partsOf(wrong))).toThrow(/providerOptions\.vercel/);
  });

  it('has no steps but its own', async () => {
    const provider = createVercelProvider(partsOf({ token: 't' }));
    const step = {
      id: 'x',
      kind: 'unheard-of',
      phase: 'prepare',
      title: '',
      input: {},
      deadlineSeconds: 1,
      attemptSeconds: 1,
      locks: [],
      dependsOn: [],
    } as const;
    await expect(provider.execute(step, CALL)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('unheard-of'),
    });
    await provider.close();
  });

  it('asks for a token when it first needs one, and not before', async () => {
    onTestFinished(keepEnvironment());
    for (const name of ['VERCEL_TOKEN', 'VERCEL_TEAM_ID', 'VERCEL_ORG_ID']) {
      delete process.env[name];
    }
    const provider = createVercelProvider(partsOf(undefined));
    const ref = { app: 'shop', stage: 'dev', name: 'orders' };
    const failure: unknown = await provider.observe(ref, CALL).catch((error: unknown) => error);
    expect(ServerlessError.isInstance(failure) && failure.code).toBe('UNAUTHENTICATED');
    await provider.close();
  });
});
