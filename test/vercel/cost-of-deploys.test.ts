/**
 * What each operation costs on the wire, exactly and in order: a call more is slower for everybody, and counts against
 * the limits of the account. How often something is polled until it is ready follows from the fake's own times. Reads
 * between two writes are sorted, for some are made at the same time.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secret, type FunctionSpec } from 'polyfaas';
import { costsOf } from '../support/cost/costs.ts';
import { plainCode } from '../support/cost/plain-code.ts';
import { callsDuring } from './support/calls-during.ts';
import { createStage, type Stage } from './support/stage.ts';

const FIRST: FunctionSpec = { source: plainCode('a') };

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { during, fresh } = costsOf(() => stage, callsDuring);

describe('the calls of', () => {
  it('a function that is made', async () => {
    // Files that Vercel has, from whatever function, are not sent again.
    await using own = await createStage();
    const manager = await own.manager({ functions: { created: FIRST } });
    expect(await callsDuring(own, () => manager.deploy('created'))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/shop-dev-created/env (404)",
        "GET v9/projects/shop-dev-created (404)",
        "POST v11/projects (POLYFAAS_RECORD_1)",
        "GET v9/projects/prj",
        "PATCH v1/projects/prj/protection-bypass",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_INVOKE_KEYS)",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_FILES_*)",
        "GET v10/projects/prj/env",
        "GET v6/deployments (meta-polyfaasDigest)",
        "POST v13/deployments (400)",
        "POST v2/files (7 times)",
        "POST v13/deployments",
        "GET v1/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v13/deployments/dpl (2 times)",
        "GET v9/projects/prj",
        "POST edge polyfaas/invoke",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_2)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v9/projects/prj",
        "POST v10/projects/prj/promote/dpl",
        "GET v10/projects/prj/env",
        "GET v9/projects/prj (2 times)",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_3)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
      ]
    `);
  });

  it('one with an environment, secrets and a schedule', async () => {
    await using own = await createStage();
    own.fake.world.projects.setSharedVariable('orders_db', 'value');
    const whole: FunctionSpec = {
      source: `export default {
        [Symbol.for('polyfaas.function')]: true,
        invoke: async () => 1,
        schedule: async () => {},
      };`,
      env: { PLACE: 'x', DB: secret('orders/db') },
      events: [{ type: 'schedule', every: '1 hour' }],
    };
    const manager = await own.manager({ functions: { whole } });
    expect(await callsDuring(own, () => manager.deploy('whole'))).toMatchInlineSnapshot(`
      [
        "GET v1/env",
        "GET v10/projects/shop-dev-whole/env (404)",
        "GET v9/projects/shop-dev-whole (404)",
        "POST v11/projects (POLYFAAS_RECORD_1)",
        "GET v9/projects/prj",
        "PATCH v1/projects/prj/protection-bypass",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_INVOKE_KEYS)",
        "POST v10/projects/prj/env (CRON_SECRET)",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_ENV_*)",
        "GET v1/env",
        "GET v10/projects/prj/env",
        "PATCH v1/env",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_FILES_*)",
        "GET v10/projects/prj/env",
        "GET v6/deployments (meta-polyfaasDigest)",
        "POST v13/deployments (400)",
        "POST v2/files (7 times)",
        "POST v13/deployments",
        "GET v1/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v13/deployments/dpl (2 times)",
        "GET v9/projects/prj",
        "POST edge polyfaas/invoke",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_2)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v9/projects/prj",
        "POST v10/projects/prj/promote/dpl",
        "GET v10/projects/prj/env",
        "GET v9/projects/prj (2 times)",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_3)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
      ]
    `);
    expect(await callsDuring(own, () => manager.deploy('whole'))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/shop-dev-whole/env",
        "GET v9/projects/shop-dev-whole",
      ]
    `);
  });

  it('the same again: two reads', async () => {
    const manager = await fresh('same', FIRST);
    await manager.deploy('same');
    const before = stage.fake.faults.writes;
    expect(await during(() => manager.deploy('same'))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/shop-dev-same/env",
        "GET v9/projects/shop-dev-same",
      ]
    `);
    const other = await fresh('same', FIRST);
    expect(await during(() => other.deploy('same'))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/shop-dev-same/env",
        "GET v9/projects/shop-dev-same",
      ]
    `);
    expect(stage.fake.faults.writes).toBe(before);
  });

  it('other code, and other memory', async () => {
    await (await fresh('code', FIRST)).deploy('code');
    const manager = await fresh('code', { source: plainCode('b') });
    expect(await during(() => manager.deploy('code'))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/prj/env",
        "GET v10/projects/shop-dev-code/env",
        "GET v9/projects/shop-dev-code",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_4)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_FILES_*)",
        "GET v10/projects/prj/env",
        "GET v6/deployments (meta-polyfaasDigest)",
        "POST v13/deployments (400)",
        "POST v2/files (3 times)",
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
        "GET v10/projects/prj/env (2 times)",
        "GET v6/deployments",
        "GET v9/projects/prj (3 times)",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_6)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
      ]
    `);
    const larger = await fresh('code', { source: plainCode('b'), memoryMb: 2048 });
    expect(await during(() => larger.deploy('code'))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/prj/env",
        "GET v10/projects/shop-dev-code/env",
        "GET v9/projects/shop-dev-code",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_7)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_FILES_*)",
        "GET v10/projects/prj/env",
        "GET v6/deployments (meta-polyfaasDigest)",
        "POST v13/deployments (400)",
        "POST v2/files (4 times)",
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
        "GET v10/projects/prj/env (2 times)",
        "GET v6/deployments",
        "GET v9/projects/prj (3 times)",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_9)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
      ]
    `);
  });

  it('another environment', async () => {
    await (await fresh('env', { ...FIRST, env: { PLACE: 'w' } })).deploy('env');
    const manager = await fresh('env', { ...FIRST, env: { PLACE: 'x' } });
    expect(await during(() => manager.deploy('env'))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/prj/env",
        "GET v10/projects/shop-dev-env/env",
        "GET v9/projects/shop-dev-env",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_4)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_ENV_*)",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_FILES_*)",
        "GET v10/projects/prj/env",
        "GET v6/deployments (meta-polyfaasDigest)",
        "POST v13/deployments (400)",
        "POST v2/files (2 times)",
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
        "PATCH v9/projects/prj/env/* (target)",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_6)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
      ]
    `);
  });

  it('a version more than are kept', async () => {
    await (await fresh('pruned', { ...FIRST, keepVersions: 1 })).deploy('pruned');
    await (await fresh('pruned', { source: plainCode('b'), keepVersions: 1 })).deploy('pruned');
    const manager = await fresh('pruned', { source: plainCode('c'), keepVersions: 1 });
    expect(await during(() => manager.deploy('pruned'))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/prj/env",
        "GET v10/projects/shop-dev-pruned/env",
        "GET v9/projects/shop-dev-pruned",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_7)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_FILES_*)",
        "GET v10/projects/prj/env",
        "GET v6/deployments (meta-polyfaasDigest)",
        "POST v13/deployments (400)",
        "POST v2/files (3 times)",
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
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_9)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
      ]
    `);
  });
});
