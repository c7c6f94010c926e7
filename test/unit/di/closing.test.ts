import { createServerlessManager } from 'polyfaas';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { ToyCloud } from '../../toy/cloud.ts';
import { createToyProvider } from '../../toy/provider.ts';
import { folderWith } from './adapter-package.ts';

/** A manager that is being made over a toy which cannot be closed. */
function making(change: object, clock: ManualClock): ReturnType<typeof createServerlessManager> {
  const root = folderWith();
  const cloud = new ToyCloud(root, clock);
  const provider = createToyProvider(cloud, async (_changes, act) => act());
  const close = (): Promise<void> => new Promise(() => {});
  return createServerlessManager(
    { app: 'shop', root, functions: {}, limits: { attemptTimeoutSeconds: 7 } },
    { clock, provider: () => ({ ...provider, close, ...change }) },
  );
}

describe('an adapter whose close() hangs', () => {
  it('is given up after the time of an attempt, and named', async () => {
    const clock = new ManualClock(Date.now());
    const manager = await making({}, clock);
    const closed = manager.close().then(
      () => 'closed',
      (error: unknown) => error,
    );
    await clock.advance(6999);
    expect(await Promise.race([closed, Promise.resolve('still waiting')])).toBe('still waiting');
    await clock.advance(1);
    expect(await closed).toMatchObject({
      name: 'ServerlessError',
      code: 'TIMEOUT',
      provider: 'toy',
      message: expect.stringContaining('The adapter "toy" was not closed within 7 s'),
    });
    expect(clock.pending).toBe(0);
  });

  it('is refused all the same where it is no provider', async () => {
    const clock = new ManualClock(Date.now());
    const made = making({ specVersion: 7 }, clock).catch((error: unknown) => error);
    let isSettled = false;
    void made.then(() => void (isSettled = true));
    while (!isSettled) {
      await clock.advance(1000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await made).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('specVersion'),
    });
  });
});
