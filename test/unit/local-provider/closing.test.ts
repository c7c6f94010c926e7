/** What closing does to event handlers that are under way. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { LOCAL } from 'polyfaas/local';
import type { ServerlessManager } from 'polyfaas';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
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

/** When it is broken, one of its timers cannot be cancelled. */
class BrokenClock extends ManualClock {
  broken = false;

  override after(delayMs: number, callback: () => void): () => void {
    const cancel = super.after(delayMs, callback);
    return () => {
      cancel();
      if (!this.broken) return;
      this.broken = false;
      throw new Error('the clock is broken');
    };
  }
}

const isRunning = (pid: unknown): boolean => {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
};

/** It says at which port it listens when it starts, and never has started. */
const endless = (shop: Shop, isolation: 'thread' | 'process') => ({
  source: `import { appendFileSync } from 'node:fs';
    import { createServer } from 'node:http';
    const server = createServer((request, response) => response.end('still here'));
    server.listen(0, '127.0.0.1', () =>
      appendFileSync(${JSON.stringify(join(shop.root, 'said'))}, String(server.address().port)),
    );
    await new Promise(() => {});
    export default () => null;`,
  // Said here, so that only the platform runs it.
  handles: ['invoke'] as const,
  timeoutSeconds: 900,
  providerOptions: { local: { isolation } },
});

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

  it.each(['thread', 'process'] as const)(
    'ends an instance (%s) that a deploy has just begun to try',
    async (isolation) => {
      const shop = newShop();
      const manager = await shop.open({ hello: endless(shop, isolation) });
      const deploy = manager.deploy('hello').catch((error: unknown) => error);
      await expect.poll(() => said(shop), { timeout: 30_000 }).not.toBe('');
      await manager.close();
      // A machine that is busy may let go of it a moment later.
      await expect
        .poll(() => fetch(`http://127.0.0.1:${said(shop)}/`).catch(String), { timeout: 30_000 })
        .toContain('fetch failed');
      expect(await deploy).toMatchObject({ code: 'CANCELLED', function: 'hello' });
    },
  );

  it('leaves no instance behind when a part of it fails, and can be asked for again', async () => {
    const shop = newShop();
    const clock = new BrokenClock();
    const hello = {
      source: 'export default { invoke: () => process.pid, schedule: () => {} };',
      events: [{ type: 'schedule', every: '1 hour' } as const],
      providerOptions: { local: { isolation: 'process' as const } },
    };
    const manager = await shop.open({ hello }, { clock });
    await manager.deploy('hello');
    const { output: pid } = await manager.invoke('hello');
    expect(isRunning(pid)).toBe(true);
    clock.broken = true;
    await expect(manager.close()).rejects.toThrow('the clock is broken');
    await expect.poll(() => isRunning(pid)).toBe(false);
    await manager.close();
    const next = await shop.open({ hello });
    expect(await next.invoke('hello')).toMatchObject({ version: '1' });
  });

  it('lets nobody wait for what is under way when a part of it fails', async () => {
    const shop = newShop();
    const clock = new BrokenClock();
    const handling = slow(shop, 30);
    const source = handling.source.replace('queue:', 'schedule: () => {}, queue:');
    const tick = { type: 'schedule', every: '1 hour' } as const;
    const hello = { source, events: [...handling.events, tick] };
    const local = { closeGraceSeconds: 0 };
    const manager = await shop.open({ hello }, { clock, local });
    await manager.deploy('hello');
    await manager.native(LOCAL)?.sources.queue('orders').send(1);
    await expect.poll(() => said(shop)).toBe('begun 1');
    const settled = manager.native(LOCAL)?.settle();
    // What asks for it has looked for work, and waits for the handler.
    await setTimeout(100);
    clock.broken = true;
    await expect(manager.close()).rejects.toThrow('the clock is broken');
    await settled;
    expect(said(shop)).toBe('begun 1');
  });
});
