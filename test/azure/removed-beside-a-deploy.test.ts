/** The last function that is known goes while another one is deployed for the first time: what that one made stays. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { createServerlessManager, type FunctionSpec } from 'polyfaas';
import { createAzureProvider } from 'polyfaas/azure';
import type { ProviderFactory, Step } from 'polyfaas/spi';
import { WaitingClock } from '../support/waiting-clock.ts';
import { onFake, REF, REGION, type OnFake } from '../unit/azure-execute/on-fake.ts';

const source = `export default { invoke: async () => 1, queue: async () => undefined };`;
const queue = { type: 'queue', id: 'in', queue: 'inbox', create: true } as const;

/** Deploys it, and does something else right before the step of a kind. */
async function deployedWhile(
  { fake, clock }: OnFake,
  [name, spec]: readonly [string, FunctionSpec],
  kind: string,
  meanwhile: () => Promise<unknown>,
): Promise<void> {
  let isDone = false;
  const provider: ProviderFactory = (parts) => {
    const azure = createAzureProvider(parts);
    return {
      ...azure,
      async execute(step: Step, call) {
        if (step.kind === kind && !isDone) {
          isDone = true;
          await meanwhile();
        }
        return azure.execute(step, call);
      },
    };
  };
  const { subscriptionId, endpoint, credential } = fake;
  const logsEndpoint = fake.world.planes.logs;
  const manager = await createServerlessManager(
    {
      app: REF.app,
      stage: REF.stage,
      region: REGION,
      functions: { [name]: spec },
      providerOptions: { azure: { subscriptionId, endpoint, logsEndpoint, credential } },
    },
    { clock: new WaitingClock(clock), provider },
  );
  onTestFinished(() => manager.close());
  await manager.deploy(name);
  expect(isDone).toBe(true);
}

describe('a removal beside a first deploy', () => {
  it('leaves Application Insights, and the source that both declare', async () => {
    const azure = await onFake();
    const before = azure.fake.inventory();
    const functions = {
      orders: { source, events: [queue] },
      mails: { source, events: [queue] },
    };
    const manager = await azure.managerOf({ functions });
    await manager.deploy('orders');
    await deployedWhile(azure, ['mails', functions.mails], 'ensure-site', () =>
      manager.remove('orders'),
    );
    const inventory = azure.fake.inventory().join('\n');
    expect(inventory).toContain('insights component');
    expect(inventory).toContain('logs workspace');
    expect(inventory).toMatch(/storage queue [^/]+\/inbox/);
    await manager.invoke('mails', 1);
    await azure.fake.settle();
    await azure.clock.advance(600_000);
    expect(await manager.metrics('mails', { last: '1h' })).toMatchObject({ invocations: 1 });
    expect((await manager.plan('mails', { drift: 'full' })).steps).toEqual([]);
    await manager.remove('mails');
    expect(azure.fake.inventory()).toEqual(before);
  });
});
