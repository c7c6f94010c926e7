/** A function that was deleted by hand leaves much behind: `remove` takes it away. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { AWS } from 'polyfaas/aws';
import { makeDestinations } from './support/everything-flows.ts';
import { EVERYTHING, PLAIN_ROUTE, prepareSources } from './support/everything.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
  prepareSources(stage);
  await makeDestinations(stage);
});
afterAll(() => stage[Symbol.asyncDispose]());

async function hand() {
  const manager = await stage.manager({
    providerOptions: { aws: { credentials: stage.fake.observer } },
  });
  const clients = manager.native(AWS.clients);
  if (!clients) throw new Error('there are no clients');
  return clients;
}

const NAMES = ['pulled', 'pushed', 'route'] as const;

describe('a function that was deleted by hand', () => {
  it.each(NAMES)('%s: leaves nothing once it is removed', async (name) => {
    const functions: Readonly<Record<string, FunctionSpec>> = EVERYTHING;
    const manager = await stage.manager({ functions });
    const before = stage.fake.inventory();
    await manager.deploy(name);
    await (await (await hand()).lambda()).deleteFunction({ FunctionName: `shop-dev-${name}` });
    expect(await manager.remove(name)).toStrictEqual({ removed: true });
    await stage.fake.settle();
    expect(stage.fake.inventory()).toStrictEqual(before);
    expect(await manager.remove(name)).toStrictEqual({ removed: false });
  });

  it('that shared its sources takes only its own ties away', async () => {
    const events: FunctionSpec['events'] = [{ type: 'topic', topic: 'common', create: true }];
    const functions = { one: { ...PLAIN_ROUTE, events }, two: { ...PLAIN_ROUTE, events } };
    const manager = await stage.manager({ functions });
    await manager.deploy('one');
    await manager.deploy('two');
    const lambda = await (await hand()).lambda();
    await lambda.deleteFunction({ FunctionName: 'shop-dev-one' });
    await manager.remove('one');
    expect((await manager.plan('two', { drift: 'full' })).steps).toStrictEqual([]);
    await manager.remove('two');
    expect(stage.fake.inventory().filter((line) => line.includes('common'))).toStrictEqual([]);
  });

  it('that was removed in full costs no look at every source of the account', async () => {
    const manager = await stage.manager({ functions: { plain: PLAIN_ROUTE } });
    await manager.deploy('plain');
    await manager.remove('plain');
    const calls = await stage.during(() => manager.remove('plain'));
    expect(calls).not.toContain('sqs:ListQueues');
    expect(calls).not.toContain('s3:ListBuckets');
  });
});
