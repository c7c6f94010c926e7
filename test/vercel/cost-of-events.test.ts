/** What it costs on the wire to bind a function to an event, and to let go of it; see `cost-of-deploys.test.ts`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventSpec } from 'polyfaas';
import { costsOf } from '../support/cost/costs.ts';
import { callsDuring } from './support/calls-during.ts';
import { EVENTS_SOURCE } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { deployed, during } = costsOf(() => stage, callsDuring);

describe('the calls of', () => {
  it('a schedule', async () => {
    const manager = await deployed('timed');
    const nightly = { type: 'schedule', id: 'e', cron: '0 3 * * *' } as const;
    expect(await during(() => manager.configureEvent('timed', nightly))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/prj/env",
        "GET v10/projects/shop-dev-timed/env",
        "GET v9/projects/shop-dev-timed",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_4)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v1/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (CRON_SECRET)",
        "GET v10/projects/prj/env",
        "GET v6/deployments (meta-polyfaasDigest)",
        "POST v2/files (5 times)",
        "POST v13/deployments",
        "GET v1/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v13/deployments/dpl (2 times)",
        "GET v9/projects/prj",
        "POST edge polyfaas/invoke",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_5)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v9/projects/prj",
        "POST v10/projects/prj/promote/dpl",
        "GET v10/projects/prj/env",
        "GET v6/deployments",
        "GET v9/projects/prj (3 times)",
        "DELETE v13/deployments/dpl",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_6)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
      ]
    `);
    expect(await during(() => manager.configureEvent('timed', nightly))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/shop-dev-timed/env",
        "GET v9/projects/shop-dev-timed",
      ]
    `);
    const later: EventSpec = { ...nightly, cron: '0 4 * * *' };
    expect(await during(() => manager.configureEvent('timed', later))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/prj/env",
        "GET v10/projects/shop-dev-timed/env",
        "GET v9/projects/shop-dev-timed",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_7)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v6/deployments (meta-polyfaasDigest)",
        "POST v2/files (5 times)",
        "POST v13/deployments",
        "GET v1/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v13/deployments/dpl (2 times)",
        "GET v9/projects/prj",
        "POST edge polyfaas/invoke",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_8)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v9/projects/prj",
        "POST v10/projects/prj/promote/dpl",
        "GET v10/projects/prj/env",
        "GET v6/deployments",
        "GET v9/projects/prj (3 times)",
        "DELETE v13/deployments/dpl",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_9)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
      ]
    `);
    expect(await during(() => manager.removeEvent('timed', 'e'))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/prj/env",
        "GET v10/projects/shop-dev-timed/env",
        "GET v9/projects/shop-dev-timed",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_10)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v6/deployments (meta-polyfaasDigest)",
        "POST v2/files (5 times)",
        "POST v13/deployments",
        "GET v1/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v13/deployments/dpl (2 times)",
        "GET v9/projects/prj",
        "POST edge polyfaas/invoke",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_11)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v9/projects/prj",
        "POST v10/projects/prj/promote/dpl",
        "GET v10/projects/prj/env",
        "GET v6/deployments",
        "GET v9/projects/prj (3 times)",
        "DELETE v13/deployments/dpl",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_12)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
      ]
    `);
    expect(await during(() => manager.removeEvent('timed', 'e'))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/shop-dev-timed/env",
        "GET v9/projects/shop-dev-timed",
      ]
    `);
  });

  it.each<readonly [string, EventSpec]>([
    ['queued', { type: 'queue', id: 'e', queue: 'orders', create: true }],
    ['told', { type: 'topic', id: 'e', topic: 'users', create: true }],
  ])('messages, to a function that is %s of them', async (name, event) => {
    const manager = await deployed(name);
    const costs = async (work: () => Promise<unknown>): Promise<readonly string[]> =>
      (await during(work)).map((call) => call.replace(`shop-dev-${name}`, 'NAME'));
    expect(await costs(() => manager.configureEvent(name, event))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/prj/env",
        "GET v10/projects/NAME/env",
        "GET v9/projects/NAME",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_4)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v6/deployments (meta-polyfaasDigest)",
        "POST v2/files (7 times)",
        "POST v13/deployments",
        "GET v1/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v13/deployments/dpl (2 times)",
        "GET v9/projects/prj",
        "POST edge polyfaas/invoke",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_5)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v9/projects/prj",
        "POST v10/projects/prj/promote/dpl",
        "GET v10/projects/prj/env",
        "GET v6/deployments",
        "GET v9/projects/prj (3 times)",
        "DELETE v13/deployments/dpl",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_6)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
      ]
    `);
    expect(await costs(() => manager.configureEvent(name, event))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/NAME/env",
        "GET v9/projects/NAME",
      ]
    `);
    expect(await costs(() => manager.removeEvent(name, 'e'))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/prj/env",
        "GET v10/projects/NAME/env",
        "GET v9/projects/NAME",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_7)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v6/deployments (meta-polyfaasDigest)",
        "POST v2/files (5 times)",
        "POST v13/deployments",
        "GET v1/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v13/deployments/dpl (2 times)",
        "GET v9/projects/prj",
        "POST edge polyfaas/invoke",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_8)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v9/projects/prj",
        "POST v10/projects/prj/promote/dpl",
        "GET v10/projects/prj/env",
        "GET v6/deployments",
        "GET v9/projects/prj (3 times)",
        "DELETE v13/deployments/dpl",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_9)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
      ]
    `);
  });

  it('a route', async () => {
    const manager = await deployed('routed');
    const route = { type: 'http', id: 'e', path: '/orders' } as const;
    expect(await during(() => manager.configureEvent('routed', route))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/prj/env",
        "GET v10/projects/shop-dev-routed/env",
        "GET v9/projects/shop-dev-routed",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_4)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v6/deployments (meta-polyfaasDigest)",
        "POST v2/files (5 times)",
        "POST v13/deployments",
        "GET v1/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v13/deployments/dpl (2 times)",
        "GET v9/projects/prj",
        "POST edge polyfaas/invoke",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_5)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v9/projects/prj",
        "POST v10/projects/prj/promote/dpl",
        "GET v10/projects/prj/env",
        "GET v6/deployments",
        "GET v9/projects/prj (3 times)",
        "DELETE v13/deployments/dpl",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_6)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
      ]
    `);
  });

  it('a rollback to a version that was deployed with other events', async () => {
    const app = 'bound';
    const of = (answer: string) =>
      stage.manager({
        app,
        functions: { main: { source: `${EVENTS_SOURCE}\nglobalThis.answer = '${answer}';` } },
      });
    await (await of('a')).deploy('main');
    const manager = await of('b');
    await manager.deploy('main');
    await manager.configureEvent('main', { type: 'schedule', id: 'e', cron: '0 3 * * *' });
    expect(await during(() => manager.rollback('main'))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/bound-dev-main/env",
        "GET v10/projects/prj/env",
        "GET v9/projects/bound-dev-main",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_10)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v6/deployments (meta-polyfaasDigest)",
        "POST v2/files (5 times)",
        "POST v13/deployments",
        "GET v1/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v13/deployments/dpl (2 times)",
        "GET v9/projects/prj",
        "POST edge polyfaas/invoke",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_11)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v9/projects/prj",
        "POST v10/projects/prj/promote/dpl",
        "GET v10/projects/prj/env",
        "GET v6/deployments",
        "GET v9/projects/prj (3 times)",
        "DELETE v13/deployments/dpl",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_12)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
      ]
    `);
  });
});
