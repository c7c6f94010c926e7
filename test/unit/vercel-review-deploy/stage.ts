/** A manager over the fake of Vercel. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServerlessManager, type FunctionSpec, type ServerlessManager } from 'polyfaas';
import { createVercelProvider, type VercelOptions } from 'polyfaas/vercel';
import { onTestFinished } from 'vitest';
import { createVercelFake, type VercelFake } from '../../fakes/vercel/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { WaitingClock } from '../../support/waiting-clock.ts';

export interface Stage {
  readonly fake: VercelFake;
  /** A new one each time: nothing is remembered. */
  manager(spec: FunctionSpec, options?: VercelOptions): Promise<ServerlessManager>;
}

/** The function is "orders" of shop/dev. */
export async function createStage(): Promise<Stage> {
  const clock = new ManualClock(Date.now());
  const waiting = new WaitingClock(clock);
  const fake = await createVercelFake({ clock });
  const root = await mkdtemp(join(tmpdir(), 'polyfaas-vercel-review-'));
  const managers: ServerlessManager[] = [];
  onTestFinished(async () => {
    await Promise.all(managers.map((one) => one.close()));
    await fake.stop();
    await rm(root, { recursive: true, force: true });
  });
  return {
    fake,
    async manager(spec, options = {}) {
      const manager = await createServerlessManager(
        {
          app: 'shop',
          stage: 'dev',
          region: 'fra1',
          root,
          functions: { orders: spec },
          providerOptions: {
            vercel: {
              token: fake.token,
              team: fake.teamId,
              endpoints: { api: fake.api, queue: fake.queueEndpoint },
              ...options,
            },
          },
        },
        { clock: waiting, provider: createVercelProvider },
      );
      managers.push(manager);
      return manager;
    },
  };
}
