/** Which versions are kept, whatever breaks off the end of a deploy, and whatever else goes on beside a prune. */
import { describe, expect, it } from 'vitest';
import { onFake, source, type OnFake } from '../azure-execute/on-fake.ts';

const of = (text: string): object => ({ source: source(text), env: { PART: text } });

async function deployed(azure: OnFake, text: string): Promise<string> {
  await azure.clock.advance(60_000);
  const { version } = await (await azure.manager(of(text))).deploy('orders');
  return version;
}

describe('a deploy that ends in one of its last steps', () => {
  for (const last of ['note-version', 'record', 'retire']) {
    it(`loses no version when it ends in "${last}"`, async () => {
      const azure = await onFake();
      const { faults } = azure.fake;
      const first = await deployed(azure, 'a');
      await azure.clock.advance(60_000);
      const broken = (await azure.manager(of('b'))).deploy('orders', {
        onProgress: ({ step, status }) => {
          if (step === last && status === 'started') faults.arm({ call: 0, kind: 'crash' });
        },
      });
      await expect(broken).rejects.toMatchObject({ name: 'ServerlessError' });
      faults.disarm();
      const second = await deployed(azure, 'b');
      const third = await deployed(azure, 'c');
      const manager = await azure.manager(of('c'));
      const described = await manager.describe('orders');
      expect(described?.versions.map(({ version }) => version)).toEqual([first, second, third]);
      expect((await manager.rollback('orders')).version).toBe(second);
      expect((await manager.invoke('orders', 1)).output).toMatchObject({ said: 'b', part: 'b' });
    });
  }
});

describe('a prune', () => {
  it('writes no app settings: a deploy beside it would lose its own', async () => {
    const azure = await onFake();
    const first = await deployed(azure, 'a');
    await deployed(azure, 'b');
    const before = await azure.settings();
    const manager = await azure.manager(of('b'));
    expect(await manager.prune('orders', { keepVersions: 1 })).toEqual({
      removedVersions: [first],
      warnings: [],
    });
    expect(await azure.settings()).toEqual(before);
    expect(azure.blobs().filter((name) => name.includes(first))).toEqual([]);
  });

  it('leaves variables that the next deploys take away', async () => {
    const azure = await onFake();
    const first = await deployed(azure, 'a');
    await deployed(azure, 'b');
    await (await azure.manager(of('b'))).prune('orders', { keepVersions: 1 });
    await deployed(azure, 'c');
    const names = Object.keys(await azure.settings());
    expect(names.filter((name) => name.includes(first))).toEqual([]);
    expect(names.filter((name) => /^POLYFAAS_V\w+_PART$/.test(name))).toHaveLength(2);
  });

  it('sweeps packages that events left, but for the one that is served', async () => {
    const azure = await onFake();
    const spec = { ...of('a'), handles: ['invoke', 'schedule'] };
    const manager = await azure.manager(spec);
    await manager.deploy('orders');
    const packages = () => azure.blobs().filter((name) => name.startsWith('packages/'));
    for (const id of ['one', 'two', 'three']) {
      await manager.configureEvent('orders', { type: 'schedule', id, cron: '0 3 * * *' });
    }
    const later = await azure.manager({ ...spec, env: { PART: 'b' } });
    await later.deploy('orders');
    await later.configureEvent('orders', { type: 'schedule', id: 'four', cron: '0 3 * * *' });
    const before = packages();
    expect(before.length).toBeGreaterThan(2);
    await azure.clock.advance(600_000);
    await later.configureEvent('orders', { type: 'schedule', id: 'five', cron: '0 3 * * *' });
    await azure.clock.advance(600_000);
    await later.prune('orders', { keepVersions: 1 });
    expect(packages()).toHaveLength(1);
    expect(before).not.toContain(packages()[0]);
    expect((await later.invoke('orders', 1)).output).toMatchObject({ part: 'b' });
    const again = await azure.manager({ ...spec, env: { PART: 'c' } });
    await again.deploy('orders');
  });
});
