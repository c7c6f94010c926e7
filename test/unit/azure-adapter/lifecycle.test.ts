import { createServerlessManager, type ServerlessManager } from 'polyfaas';
import { createAzureProvider } from '../../../providers/azure/index.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAzureFake, type AzureFake } from '../../fakes/azure/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { WaitingClock } from '../../support/waiting-clock.ts';

const source = (text: string): string =>
  `export default { invoke: async (input) => ({ said: '${text}', part: process.env.PART ?? null, input }) };`;

describe('a function on Azure', () => {
  let fake: AzureFake;
  let clock: ManualClock;
  const managers: ServerlessManager[] = [];

  beforeAll(async () => {
    clock = new ManualClock(Date.now());
    fake = await createAzureFake({ clock });
  });
  afterAll(async () => {
    await Promise.all(managers.map((manager) => manager.close()));
    await fake.stop();
  });

  const managerOf = async (spec: object): Promise<ServerlessManager> => {
    const manager = await createServerlessManager(
      {
        app: 'shop',
        stage: 'dev',
        region: 'eu-west',
        functions: { orders: { source: source('one'), ...spec } },
        providerOptions: {
          azure: {
            subscriptionId: fake.subscriptionId,
            endpoint: fake.endpoint,
            logsEndpoint: fake.world.planes.logs,
            credential: fake.credential,
          },
        },
      },
      { clock: new WaitingClock(clock), provider: createAzureProvider },
    );
    managers.push(manager);
    return manager;
  };

  it('is deployed, called, changed, rolled back and removed', async () => {
    const before = fake.inventory();
    const first = await managerOf({ env: { PART: '1' } });
    const deployment = await first.deploy('orders');
    expect(deployment.changed).toBe(true);
    expect((await first.invoke('orders', 7)).output).toEqual({ said: 'one', part: '1', input: 7 });
    const writes = fake.faults.writes;
    expect((await first.deploy('orders')).changed).toBe(false);
    expect((await first.plan('orders', { drift: 'full' })).steps).toEqual([]);
    expect(fake.faults.writes).toBe(writes);
    const second = await managerOf({ source: source('two'), env: { PART: '2' } });
    await second.deploy('orders');
    expect((await second.invoke('orders', 8)).output).toEqual({ said: 'two', part: '2', input: 8 });
    const back = await second.rollback('orders');
    expect(back.version).toBe(deployment.version);
    expect((await second.invoke('orders', 9)).output).toEqual({ said: 'one', part: '1', input: 9 });
    expect(await second.remove('orders')).toEqual({ removed: true, warnings: [] });
    expect(await second.remove('orders')).toEqual({ removed: false, warnings: [] });
    expect(fake.inventory()).toEqual(before);
  });
});
