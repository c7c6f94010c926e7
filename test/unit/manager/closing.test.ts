import { describe, expect, it } from 'vitest';
import { createServerlessManager, ServerlessError, type ServerlessManager } from 'polyfaas';
import type { ServerlessProvider } from 'polyfaas/spi';
import { unlessCancelled } from '../../../src/manager/cancelled.ts';
import { answering, newShop } from '../local-provider/shop.ts';
import { stubProvider } from '../review/core-support.ts';

async function managerOn(parts: Partial<ServerlessProvider>): Promise<ServerlessManager> {
  return createServerlessManager(
    { app: 'shop', stage: 'dev', limits: { maxAttempts: 1 }, functions: { hello: answering('x') } },
    { telemetry: false, provider: () => stubProvider(parts) },
  );
}

/** A read that ends when it is aborted. */
function reading() {
  let begun = (): void => {};
  const hasBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const observe: ServerlessProvider['observe'] = (_ref, { signal }) => {
    begun();
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  };
  return { observe, hasBegun };
}

const CLOSED =
  'The manager was closed during a call for "hello". Await what is under way before close(). A new manager can make the call again.';

describe('what is under way when its manager is closed', () => {
  it('is said to have been closed, and not to have been cancelled by its caller', async () => {
    const manager = await newShop().open({ hello: answering('one') });
    const deploying = manager.deploy('hello').catch((error: unknown) => error);
    await manager.close();
    expect(await deploying).toMatchObject({
      name: 'ServerlessError',
      code: 'CANCELLED',
      function: 'hello',
      message: CLOSED,
    });
  });

  it('is said so also when its platform was asked already', async () => {
    const { observe, hasBegun } = reading();
    const manager = await managerOn({ observe });
    const describing = manager.describe('hello').catch((error: unknown) => error);
    await hasBegun;
    await manager.close();
    expect(await describing).toMatchObject({ code: 'CANCELLED', message: CLOSED });
  });

  it('is its caller’s doing when that came first', async () => {
    const { observe, hasBegun } = reading();
    const manager = await managerOn({ observe });
    const caller = new AbortController();
    const describing = manager
      .describe('hello', { signal: caller.signal })
      .catch((error: unknown) => error);
    await hasBegun;
    caller.abort();
    await manager.close();
    expect(await describing).toMatchObject({
      code: 'CANCELLED',
      message: expect.stringContaining('cancelled by its caller'),
    });
  });
});

describe('a deployAll whose manager is closed meanwhile', () => {
  const functions = Object.fromEntries(
    ['one', 'two', 'three', 'four'].map((name) => [name, answering(name)]),
  );
  const config = { app: 'shop', stage: 'dev', functions, limits: { parallelDeploys: 1 } } as const;

  /** Closes as the second function is looked at. */
  function closedInTheMiddle() {
    let close = (): Promise<void> => Promise.resolve();
    const observe: ServerlessProvider['observe'] = ({ name }, { signal }) =>
      new Promise((_resolve, reject) => {
        if (name === 'one') reject(new ServerlessError({ code: 'NOT_FOUND', message: 'gone' }));
        signal.addEventListener('abort', () => reject(signal.reason));
        if (name === 'two') void close();
      });
    const provider = (): ServerlessProvider => stubProvider({ observe });
    return { provider, closeBy: (by: () => Promise<void>) => void (close = by) };
  }

  const ends = ({ outcomes }: Awaited<ReturnType<ServerlessManager['deployAll']>>) =>
    outcomes.map(({ name, status, ...rest }) => [
      name,
      status,
      'error' in rest ? rest.error?.code : undefined,
    ]);
  const expected = [
    ['one', 'failed', 'NOT_FOUND'],
    ['two', 'cancelled', 'CANCELLED'],
    ['three', 'cancelled', 'CANCELLED'],
    ['four', 'cancelled', 'CANCELLED'],
  ];

  it('tells of the rest that it was cancelled', async () => {
    const { provider, closeBy } = closedInTheMiddle();
    const manager = await createServerlessManager(config, { telemetry: false, provider });
    closeBy(() => manager.close());
    expect(ends(await manager.deployAll())).toEqual(expected);
  });

  it('tells so with several targets too', async () => {
    const { provider, closeBy } = closedInTheMiddle();
    const manager = await createServerlessManager(
      { ...config, targets: ['aws', 'gcp'] },
      { telemetry: false, providers: { aws: provider, gcp: provider } },
    );
    closeBy(() => manager.close());
    expect(ends(await manager.deployAll())).toEqual(expected);
  });

  it('is refused by one that was closed before', async () => {
    const { provider } = closedInTheMiddle();
    const manager = await createServerlessManager(config, { telemetry: false, provider });
    await manager.close();
    const { outcomes } = await manager.deployAll({ only: ['one'] });
    expect(outcomes).toMatchObject([{ status: 'failed', error: { code: 'INVALID_ARGUMENT' } }]);
  });
});

describe('a manager that is closed again', () => {
  it('closes its adapter once at a time, and again where that failed', async () => {
    let closed = 0;
    const close = async (): Promise<void> => {
      closed += 1;
      if (closed === 1) throw new Error('not yet');
    };
    const manager = await managerOn({ close });
    const both = [manager.close(), manager.close()];
    for (const one of both) await expect(one).rejects.toMatchObject({ code: 'UNKNOWN' });
    expect(closed).toBe(1);
    await manager.close();
    expect(closed).toBe(2);
    await expect(manager.describe('hello')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('refuses a token that is none', async () => {
    const manager = await managerOn({});
    for (const token of [undefined, 'aws', {}]) {
      expect(() => Reflect.apply(manager.native, manager, [token])).toThrow(/^token: .* is none/);
    }
  });
});

describe('an error of what is under way when its manager is closed', () => {
  async function endedBy(error: ServerlessError): Promise<unknown> {
    const closing = new AbortController();
    return unlessCancelled('hello', undefined, closing.signal, () => {
      closing.abort();
      return Promise.reject(error);
    }).catch((reason: unknown) => reason);
  }

  it('keeps the place where it stopped', async () => {
    const cause = new ServerlessError({
      code: 'CANCELLED',
      provider: 'stub',
      message: 'Cancelled by its caller at step "Publish".',
      step: 'publish',
      details: { journal: ['upload'] },
    });
    expect(await endedBy(cause)).toMatchObject({
      code: 'CANCELLED',
      message: CLOSED,
      function: 'hello',
      provider: 'stub',
      step: 'publish',
      details: { journal: ['upload'] },
      cause,
    });
  });

  it('is told as it is when it has nothing to do with that', async () => {
    const error = new ServerlessError({ code: 'PERMISSION_DENIED', message: 'No.' });
    expect(await endedBy(error)).toBe(error);
  });
});
