/** A version that is kept goes live only with all that it was deployed with. */
import { secret } from 'polyfaas';
import { describe, expect, it } from 'vitest';
import { onFake, source, type OnFake } from '../azure-execute/on-fake.ts';

const { signal } = new AbortController();
const VAULT = 'my-vault';
const ROLES = '2022-04-01';

/** Two versions: the first with a secret, or a plain variable; and the second, which is live. */
async function twoVersions(azure: OnFake, first: object) {
  azure.fake.world.vault.set(VAULT, 'db', 'hunter2');
  const vault = { keyVault: VAULT };
  const { version } = await (
    await azure.manager({ source: source('a'), env: first }, vault)
  ).deploy('orders');
  await azure.clock.advance(60_000);
  const manager = await azure.manager({ source: source('b') }, vault);
  await manager.deploy('orders');
  return { manager, version };
}

const live = { said: 'b', part: null, input: 1 };

describe('a rollback', () => {
  it('is refused, and nothing written, when a variable of the version is gone', async () => {
    const azure = await onFake();
    const { manager, version } = await twoVersions(azure, { PART: 'a', OTHER: 'x' });
    const all = await azure.settings();
    const { [`POLYFAAS_V${version}_PART`]: _, ...left } = all;
    await azure.setSettings(left);
    await expect(manager.rollback('orders')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/"PART"[^"]*Deploy that code again/),
    });
    expect((await manager.invoke('orders', 1)).output).toEqual(live);
    // No mark is left behind.
    expect((await (await azure.manager({ source: source('b') })).plan('orders')).steps).toEqual([]);
  });

  it('is refused when its secret may be read no more', async () => {
    const azure = await onFake();
    const { manager } = await twoVersions(azure, { PART: secret('db') });
    const { subscriptionId } = azure.fake;
    const path = `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleAssignments`;
    const { body } = await azure.observer.arm({ method: 'GET', path, apiVersion: ROLES, signal });
    const ids: readonly string[] = Object(body).value.map(({ id }: { id: string }) => id);
    for (const id of ids.filter((one) => /KeyVault\/vaults/i.test(one))) {
      await azure.observer.arm({ method: 'DELETE', path: id, apiVersion: ROLES, signal });
    }
    await azure.clock.advance(600_000);
    await expect(manager.rollback('orders')).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      message: expect.stringMatching(/env\.PART.*"db".*"my-vault".*Key Vault Secrets User/),
    });
    expect((await manager.invoke('orders', 1)).output).toEqual(live);
  });

  it('goes on with variables and secrets that are there', async () => {
    const azure = await onFake();
    const { manager, version } = await twoVersions(azure, { PART: secret('db') });
    expect((await manager.rollback('orders')).version).toBe(version);
    expect((await manager.invoke('orders', 1)).output).toEqual({
      said: 'a',
      part: 'hunter2',
      input: 1,
    });
  });
});
