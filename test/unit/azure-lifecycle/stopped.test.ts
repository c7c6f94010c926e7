/** A function app that somebody stopped: who calls or deploys it hears that, and how it is started, at once. */
import { describe, expect, it } from 'vitest';
import { API, onFake, type OnFake } from '../azure-execute/on-fake.ts';

const { signal } = new AbortController();
const of = (text: string): object => ({
  source: `export default {
  invoke: async () => '${text}',
  schedule: async () => undefined,
};`,
});

async function change(azure: OnFake, what: 'stop' | 'start'): Promise<void> {
  const path = `${azure.place.siteId}/${what}`;
  await azure.observer.arm({ method: 'POST', path, apiVersion: API, signal });
  await azure.clock.advance(60_000);
}

const told = (azure: OnFake): object => ({
  code: 'UNAVAILABLE',
  retryable: false,
  message: `The function app is stopped. Start it: az functionapp start -g ${azure.place.resourceGroup} -n ${azure.place.physicalName}`,
});

describe('a function app that is stopped', () => {
  it('tells who invokes and warms it, whether or not its keys are known', async () => {
    const azure = await onFake();
    const manager = await azure.manager(of('a'));
    await manager.deploy('orders');
    await manager.invoke('orders', 1);
    await change(azure, 'stop');
    const other = await azure.manager(of('a'));
    const all = { ...told(azure), details: { didNotRun: true } };
    await expect(manager.invoke('orders', 1)).rejects.toMatchObject(all);
    await expect(other.invoke('orders', 1)).rejects.toMatchObject(all);
    await expect(other.preWarm('orders', { instances: 2 })).rejects.toMatchObject(told(azure));
  });

  it('is told so in whatever words its front refuses, takes calls for later, and answers once it is started', async () => {
    const azure = await onFake();
    await (await azure.manager(of('a'))).deploy('orders');
    await change(azure, 'stop');
    azure.fake.world.web.behaviour.stoppedPage = '<h1>Diese Web-App wurde beendet.</h1>';
    const manager = await azure.manager(of('a'));
    await expect(manager.invoke('orders', 1)).rejects.toMatchObject(told(azure));
    await expect(manager.preWarm('orders', { instances: 1 })).rejects.toMatchObject(told(azure));
    await manager.invoke('orders', 1, { mode: 'async' });
    await change(azure, 'start');
    expect((await manager.invoke('orders', 1)).output).toBe('a');
  });

  it('takes no package: a deploy, an event and a rollback are refused before anything is written', async () => {
    const azure = await onFake();
    const { faults } = azure.fake;
    await (await azure.manager(of('a'))).deploy('orders');
    await azure.clock.advance(60_000);
    const manager = await azure.manager(of('b'));
    await manager.deploy('orders');
    await change(azure, 'stop');
    const before = { writes: faults.writes, at: azure.clock.now() };
    const next = await azure.manager(of('c'));
    await expect(next.deploy('orders')).rejects.toMatchObject(told(azure));
    await expect(next.rollback('orders')).rejects.toMatchObject(told(azure));
    const event = { type: 'schedule', id: 'often', every: '5 minutes' } as const;
    await expect(manager.configureEvent('orders', event)).rejects.toMatchObject(told(azure));
    expect({ writes: faults.writes, at: azure.clock.now() }).toEqual(before);
    // What is as declared needs no package.
    expect((await manager.deploy('orders')).changed).toBe(false);
    await change(azure, 'start');
    await next.deploy('orders');
    expect((await next.invoke('orders', 1)).output).toBe('c');
  });

  it('ends a deploy that runs when it is stopped, without a long wait', async () => {
    const azure = await onFake();
    await (await azure.manager(of('a'))).deploy('orders');
    await azure.clock.advance(60_000);
    const began = azure.clock.now();
    const { arm, identity } = azure.fake.world;
    const stop = {
      method: 'POST',
      path: `${azure.place.siteId}/stop`,
      apiVersion: API,
      caller: identity.observer,
    } as const;
    let stopping: Promise<unknown> | undefined;
    const deploying = (await azure.manager(of('b'))).deploy('orders', {
      onProgress: ({ step, stage }) => {
        if (step === 'activate' && stage === 'starting') stopping ??= arm.call(stop);
      },
    });
    await expect(deploying).rejects.toMatchObject(told(azure));
    await stopping;
    expect(azure.clock.now() - began).toBeLessThan(150_000);
  });
});
