import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVercelFake, type VercelFake } from '../../fakes/vercel/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';

let fake: VercelFake;
const calls: string[] = [];

beforeEach(async () => {
  calls.length = 0;
  fake = await createVercelFake({
    clock: new ManualClock(Date.UTC(2026, 10, 21, 9)),
    recorder: (plane, method, path, status) => calls.push(`${plane} ${method} ${path} ${status}`),
  });
});

afterEach(() => fake.stop());

function list(token: string): Promise<Response> {
  return fetch(`${fake.api}/v10/projects`, { headers: { authorization: `Bearer ${token}` } });
}

describe('the whole of it', () => {
  it('records the calls of the deployer, and no others', async () => {
    await list(fake.token);
    await list(fake.observerToken);
    await list('nobody');
    expect(calls).toEqual(['api GET /v10/projects 200']);
  });

  it('has projects of strangers, and nothing else', async () => {
    const stranger = await fake.stranger('orders');
    await fake.settle();
    expect(fake.inventory()).toEqual(['project orders', 'variable orders OWNER']);
    expect(await stranger.untouched()).toBe(true);
    await stranger.remove();
    expect(fake.inventory()).toEqual([]);
    expect(fake.faults.writes).toBe(0);
  });

  it('knows hosts of no deployment', () => {
    expect(fake.world.projects.deploymentOfHost('127.0.0.1:1')).toBeUndefined();
    expect(fake.world.projects.producing()).toEqual([]);
  });
});
