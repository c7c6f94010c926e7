/** What closing does to event handlers that are under way. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOCAL } from 'polyfaas/local';
import type { ServerlessManager } from 'polyfaas';
import { describe, expect, it } from 'vitest';
import { newShop } from './shop.ts';
import type { Shop } from './shop.ts';

/** Says what it begins and ends in a file, and takes so long between. */
const slow = (shop: Shop, seconds: number) => ({
  source: `import { appendFileSync } from 'node:fs';
    const say = (what) => appendFileSync(${JSON.stringify(join(shop.root, 'said'))}, what + ' ');
    export default { queue: async (batch, { attempt }) => {
      say('begun ' + attempt);
      await new Promise((resolve) => setTimeout(resolve, ${seconds * 1_000}));
      say('ended');
    } };`,
  events: [{ type: 'queue', queue: 'orders', retry: { maxAttempts: 1 } } as const],
});

const said = ({ root }: Shop): string => {
  try {
    return readFileSync(join(root, 'said'), 'utf8').trim();
  } catch {
    return '';
  }
};

async function closeWhileHandling(shop: Shop, manager: ServerlessManager): Promise<void> {
  await manager.deploy('hello');
  await manager.native(LOCAL)?.sources.queue('orders').send(1);
  await expect.poll(() => said(shop)).toBe('begun 1');
  await manager.close();
}

describe('closing', () => {
  it('lets an event handler end that is under way', async () => {
    const shop = newShop();
    await closeWhileHandling(shop, await shop.open({ hello: slow(shop, 1.5) }));
    expect(said(shop)).toBe('begun 1 ended');
  });

  it('waits no longer than closeGraceSeconds', async () => {
    const shop = newShop();
    const local = { closeGraceSeconds: 0.1 };
    await closeWhileHandling(shop, await shop.open({ hello: slow(shop, 30) }, { local }));
    expect(said(shop)).toBe('begun 1');
  });
});
