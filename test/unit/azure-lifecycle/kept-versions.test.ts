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
    });
    expect(await azure.settings()).toEqual(before);
    expect(azure.blobs().filter((name) => name.includes(first))).toEqual([]);
  });

  it('leaves variables that the next deploys take away', async () => {
    const azure = await onFake();
    const first = await deployed(azure, 'a');
    await deployed(azure, 'b');
    await (await azure.manager(of('b'))).prune('orders', { keepVersions: 1 });
    await azure.clock.advance(60_000);
    await (await azure.manager({ ...of('c'), keepVersions: 1 })).deploy('orders');
    const names = Object.keys(await azure.settings());
    expect(names.filter((name) => name.includes(first))).toEqual([]);
    expect(names.filter((name) => /^POLYFAAS_V\w+_PART$/.test(name))).toHaveLength(2);
  });
});
