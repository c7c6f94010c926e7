/** What it costs on the wire to call a function, to look at it and to take it away; see `cost-of-deploys.test.ts`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
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

const { during, fresh, readingLogs } = costsOf(() => stage, callsDuring);

describe('the calls of', () => {
  it('a plan that looks at everything', async () => {
    const manager = await fresh('looked', FIRST);
    await manager.deploy('looked');
    expect(await during(() => manager.plan('looked', { drift: 'full' }))).toMatchInlineSnapshot(`
      [
        "GET v1/projects/prj/env/*",
        "GET v10/projects/shop-dev-looked/env",
        "GET v6/deployments",
        "GET v9/projects/shop-dev-looked",
      ]
    `);
  });

  it('an invocation', async () => {
    const manager = await fresh('called', FIRST);
    await manager.deploy('called');
    expect(await during(() => manager.invoke('called', 1))).toMatchInlineSnapshot(`
      [
        "GET v1/projects/prj/env/*",
        "GET v10/projects/shop-dev-called/env",
        "GET v9/projects/prj",
        "GET v9/projects/shop-dev-called",
        "POST edge polyfaas/invoke",
      ]
    `);
    expect(await during(() => manager.invoke('called', 2))).toMatchInlineSnapshot(`
      [
        "POST edge polyfaas/invoke",
      ]
    `);
    expect(await during(() => manager.invoke('called', 2, { mode: 'async' })))
      .toMatchInlineSnapshot(`
      [
        "POST edge polyfaas/invoke (mode=async)",
      ]
    `);
    await stage.fake.settle();
    const other = await fresh('called', FIRST);
    expect(await during(() => other.invoke('called', 3, { mode: 'async' }))).toMatchInlineSnapshot(`
      [
        "GET v1/projects/prj/env/*",
        "GET v10/projects/shop-dev-called/env",
        "GET v9/projects/prj",
        "GET v9/projects/shop-dev-called",
        "POST edge polyfaas/invoke (mode=async)",
      ]
    `);
    expect(await during(() => other.invoke('called', 4))).toMatchInlineSnapshot(`
      [
        "POST edge polyfaas/invoke",
      ]
    `);
    await stage.fake.settle();
  });

  it('three warm instances', async () => {
    await (await fresh('warm', FIRST)).deploy('warm');
    const manager = await fresh('warm', FIRST);
    expect(await during(() => manager.preWarm('warm', { instances: 3 }))).toMatchInlineSnapshot(`
      [
        "GET v1/projects/prj/env/*",
        "GET v10/projects/shop-dev-warm/env (2 times)",
        "GET v9/projects/prj",
        "GET v9/projects/shop-dev-warm (2 times)",
        "POST edge polyfaas/invoke (3 times)",
      ]
    `);
  });

  it('a rollback', async () => {
    await (await fresh('back', FIRST)).deploy('back');
    await (await fresh('back', { source: plainCode('b') })).deploy('back');
    const manager = await fresh('back', FIRST);
    expect(await during(() => manager.rollback('back'))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/prj/env",
        "GET v10/projects/shop-dev-back/env",
        "GET v9/projects/shop-dev-back",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_7)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
        "GET v10/projects/prj/env",
        "GET v9/projects/prj",
        "POST v1/projects/prj/rollback/dpl",
        "GET v10/projects/prj/env",
        "GET v9/projects/prj (2 times)",
        "POST v10/projects/prj/env (POLYFAAS_RECORD_8)",
        "GET v10/projects/prj/env",
        "DELETE v9/projects/prj/env/*",
      ]
    `);
    expect((await manager.invoke('back')).output).toBe('a');
  });

  it('a description, and a list', async () => {
    const app = 'listed';
    const functions = { one: FIRST, two: FIRST };
    const manager = await stage.manager({ app, functions });
    for (const name of ['one', 'two'] as const) await manager.deploy(name);
    expect(await during(() => manager.describe('one'))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/listed-dev-one/env",
        "GET v9/projects/listed-dev-one",
      ]
    `);
    const calls = await during(async () => {
      for await (const { name } of manager.list()) void name;
    });
    expect(calls).toMatchInlineSnapshot(`
      [
        "GET v10/projects",
        "GET v10/projects/prj/env (2 times)",
      ]
    `);
  });

  it('metrics', async () => {
    const manager = await fresh('measured', FIRST);
    await manager.deploy('measured');
    await manager.invoke('measured', 1);
    expect(await during(() => manager.metrics('measured', { last: '1h' }))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/shop-dev-measured/env",
        "GET v9/projects/shop-dev-measured",
        "POST metrics/v1 (3 times)",
      ]
    `);
  });

  it('logs', async () => {
    const manager = await fresh('logged', FIRST);
    await manager.deploy('logged');
    const calls = await readingLogs(manager, 'logged');
    expect(calls).toMatchInlineSnapshot(`
      [
        "GET api/logs/request-logs",
        "GET v10/projects/shop-dev-logged/env",
        "GET v9/projects/shop-dev-logged",
      ]
    `);
  });

  it('a removal', async () => {
    await (await fresh('gone', FIRST)).deploy('gone');
    const manager = await fresh('gone', FIRST);
    expect(await during(() => manager.remove('gone'))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/shop-dev-gone/env",
        "GET v9/projects/shop-dev-gone",
        "DELETE v9/projects/prj",
      ]
    `);
    expect(stage.fake.inventory().filter((line) => line.includes('gone'))).toStrictEqual([]);
    expect(await during(() => manager.remove('gone'))).toMatchInlineSnapshot(`
      [
        "GET v10/projects/shop-dev-gone/env (404)",
        "GET v9/projects/shop-dev-gone (404)",
      ]
    `);
  });
});
