/**
 * A deploy that begins while a removal is under way: whoever claimed the record last goes on, the other one gets a CONFLICT,
 * and what either of them made is found by the next removal.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { createGcpProvider } from 'polyfaas/gcp';
import type { ProviderFactory, Step } from 'polyfaas/spi';
import { placing } from './support/placing.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const spec = (name: string, place: string): FunctionSpec => ({
  ...placing(place),
  events: [
    { type: 'topic', id: 't', topic: `${name}-news`, create: true },
    ...(place === 'a'
      ? []
      : [
          {
            type: 'queue',
            id: 'q',
            queue: `${name}-work`,
            create: true,
            deadLetter: `${name}-dead`,
          } as const,
        ]),
  ],
});

/** A provider that has something happen before a step is begun, or after it is done. */
function providerWith(
  hooks: Readonly<Partial<Record<'before' | 'after', (step: Step) => Promise<void> | void>>>,
): ProviderFactory {
  return (parts) => {
    const provider = createGcpProvider(parts);
    const begun = new Set<string>();
    return {
      ...provider,
      async execute(step, call) {
        if (!begun.has(step.id)) {
          begun.add(step.id);
          await hooks.before?.(step);
        }
        const result = await provider.execute(step, call);
        if (result.done) await hooks.after?.(step);
        return result;
      },
    };
  };
}

const linesOf = (name: string): readonly string[] =>
  stage.fake.inventory().filter((line) => line.includes(name));

async function listed(name: string): Promise<readonly string[]> {
  const manager = await stage.manager({ functions: {} });
  const names: string[] = [];
  for await (const one of manager.list()) if (one.name === name) names.push(one.name);
  return names;
}

describe('a deploy that begins beside a removal', () => {
  it.each(['events-retire-0', 'sources-delete', 'function', 'account', 'secret'])(
    'before its step %s, leaves nothing behind that is not found',
    async (before) => {
      const name = `beside-${before}`.slice(0, 20).replace(/-$/, '');
      await (await stage.manager({ functions: { [name]: spec(name, 'a') } })).deploy(name);
      const claimed = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      const deployer = await stage.manager(
        { functions: { [name]: spec(name, 'b') } },
        providerWith({
          async after({ id }) {
            if (id !== 'claim') return;
            claimed.resolve();
            await goOn.promise;
          },
        }),
      );
      let deploying: Promise<unknown> = Promise.resolve();
      const remover = await stage.manager(
        { functions: { [name]: spec(name, 'a') } },
        providerWith({
          async before({ id }) {
            if (id !== before) return;
            deploying = deployer.deploy(name);
            await claimed.promise;
          },
        }),
      );
      await expect(remover.remove(name)).rejects.toMatchObject({ code: 'CONFLICT' });
      goOn.resolve();
      await deploying;
      expect(await listed(name)).toEqual([name]);
      // What the removal took away before it knew is made again by a deploy, as after one that was broken off.
      await deployer.deploy(name, { drift: 'full' });
      expect((await deployer.invoke(name)).output).toBe('b');
      await deployer.remove(name);
      expect(linesOf(name)).toEqual([]);
    },
  );
});

describe('a removal that begins beside a deploy', () => {
  it.each(['upload', 'build', 'traffic', 'switched'])(
    'after its step %s, leaves nothing behind',
    async (after) => {
      const name = `amid-${after}`;
      await (await stage.manager({ functions: { [name]: spec(name, 'a') } })).deploy(name);
      const remover = await stage.manager({ functions: { [name]: spec(name, 'a') } });
      const deployer = await stage.manager(
        { functions: { [name]: spec(name, 'b') } },
        providerWith({
          async after({ id }) {
            if (id === after) await remover.remove(name);
          },
        }),
      );
      await expect(deployer.deploy(name)).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(linesOf(name)).toEqual([]);
    },
  );

  it('takes away the sources that the deploy makes meanwhile', async () => {
    const name = 'meanwhile';
    await (await stage.manager({ functions: { [name]: spec(name, 'a') } })).deploy(name);
    const claimed = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const made = Promise.withResolvers<void>();
    const removed = Promise.withResolvers<void>();
    const deployer = await stage.manager(
      { functions: { [name]: spec(name, 'b') } },
      providerWith({
        async before({ id }) {
          if (id !== 'upload') return;
          made.resolve();
          await removed.promise;
        },
        async after({ id }) {
          if (id !== 'claim') return;
          claimed.resolve();
          await goOn.promise;
        },
      }),
    );
    const remover = await stage.manager(
      { functions: { [name]: spec(name, 'a') } },
      providerWith({
        async before({ id }) {
          if (id !== 'function') return;
          goOn.resolve();
          await made.promise;
        },
      }),
    );
    const deploying = deployer.deploy(name).catch((error: unknown) => error);
    await claimed.promise;
    await remover.remove(name);
    removed.resolve();
    expect(await deploying).toMatchObject({ code: 'CONFLICT' });
    // The deploy built it anew before it knew.
    await remover.remove(name);
    expect(linesOf(name)).toEqual([]);
  });
});

describe('two removals at once', () => {
  it('both end well, and nothing is left', async () => {
    const name = 'both';
    const functions = { [name]: spec(name, 'b') };
    await (await stage.manager({ functions })).deploy(name);
    const first = await stage.manager({ functions });
    const second = await stage.manager(
      { functions },
      providerWith({
        async before({ id }) {
          if (id === 'function') await first.remove(name);
        },
      }),
    );
    expect(await second.remove(name)).toEqual({ removed: true, warnings: [] });
    expect(linesOf(name)).toEqual([]);
  });
});
