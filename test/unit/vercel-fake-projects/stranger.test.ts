import { describe, expect, it } from 'vitest';
import { makeStranger } from '../../fakes/vercel/stranger.ts';
import { useScene } from '../vercel-fake-core/support.ts';

const scene = useScene();

describe("a project of somebody else's", () => {
  it('is there without a call of the deployer, and can be removed', async () => {
    const { call, faults, world } = scene();
    const calls = await faults.count(() => makeStranger(world, 'orders'));
    expect([calls, faults.writes]).toEqual([0, 0]);
    expect((await call('POST', '/v11/projects', { name: 'orders' })).status).toBe(409);
    const other = await makeStranger(world, 'other');
    await other.remove();
    expect(world.inventory()).toEqual(['project orders', 'variable orders OWNER']);
  });

  it('knows whether somebody touched it', async () => {
    const { call, clock, world } = scene();
    const stranger = await makeStranger(world, 'orders');
    await clock.advance(1000);
    await call('GET', '/v9/projects/orders');
    expect(await stranger.untouched()).toBe(true);
    const body = { key: 'A', value: 'x', type: 'plain', target: ['preview'] };
    await call('POST', '/v10/projects/orders/env', body);
    expect(await stranger.untouched()).toBe(false);
    await stranger.remove();
    expect(await stranger.untouched()).toBe(false);
  });
});
