/** Further app settings of the user: what Azure would refuse, or mistake for another, is refused before anything is sent. */
import { describe, expect, it } from 'vitest';
import { onFake, source } from '../azure-execute/on-fake.ts';

const SPEC = { source: source('a') };

describe('app settings that Flex Consumption refuses', () => {
  const names = [
    'TZ',
    'WEBSITE_TIME_ZONE',
    'SCM_DO_BUILD_DURING_DEPLOYMENT',
    'website_contentshare',
  ];
  for (const name of names) {
    it(`are refused before anything is sent: ${name}`, async () => {
      const azure = await onFake();
      const before = azure.fake.inventory();
      const forAll = await azure.manager(SPEC, { appSettings: { [name]: 'x' } });
      await expect(forAll.deploy('orders')).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(
          new RegExp(`providerOptions\\.azure\\.appSettings\\.${name}: .*Leave it out`),
        ),
      });
      const ofOne = await azure.manager({
        ...SPEC,
        providerOptions: { azure: { appSettings: { [name]: 'x' } } },
      });
      await expect(ofOne.deploy('orders')).rejects.toMatchObject({
        message: expect.stringContaining(
          `functions.orders.providerOptions.azure.appSettings.${name}: `,
        ),
      });
      expect(azure.fake.inventory()).toEqual(before);
      expect(azure.fake.faults.writes).toBe(0);
    });
  }

  it('are taken by the other plans', async () => {
    const azure = await onFake();
    const manager = await azure.manager(SPEC, {
      plan: 'premium',
      appSettings: { WEBSITE_TIME_ZONE: 'Europe/Zurich' },
    });
    await manager.deploy('orders');
    expect(await azure.settings()).toMatchObject({ WEBSITE_TIME_ZONE: 'Europe/Zurich' });
  });
});

describe('names of app settings', () => {
  it('that differ in their case only are refused', async () => {
    const azure = await onFake();
    const two = { appSettings: { Level: '1', LEVEL: '2' } };
    await expect(azure.manager(SPEC, two)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/appSettings\.LEVEL: .*"Level".*Leave one of them out/),
    });
  });

  it('take the place of one that somebody set in another case', async () => {
    const azure = await onFake();
    await (await azure.manager(SPEC)).deploy('orders');
    await azure.setSettings({ ...(await azure.settings()), LEVEL: 'by hand' });
    const manager = await azure.manager(SPEC, { appSettings: { Level: '1' } });
    await manager.deploy('orders');
    const found = Object.entries(await azure.settings()).filter(([name]) => /^level$/i.test(name));
    expect(found).toEqual([['Level', '1']]);
    expect((await manager.plan('orders', { drift: 'full' })).steps).toEqual([]);
  });
});
