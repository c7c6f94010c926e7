/**
 * What each operation costs on the wire, exactly and in order: a call more is slower for everybody, and one more
 * permission to ask for. How often something is polled until it is ready follows from the fake's own times. Reads between
 * two writes are sorted, for some are made at the same time.
 */
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
  it('a function that is made', async () => {
    const manager = await fresh('created', FIRST);
    expect(await during(() => manager.deploy('created'))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-created",
        "secretmanager GET secrets",
        "secretmanager GET secrets/polyfaas-shop-dev-created (2 times)",
        "secretmanager POST secrets",
        "secretmanager GET secrets/polyfaas-shop-dev-created",
        "secretmanager PATCH secrets/polyfaas-shop-dev-created (annotations)",
        "iam GET serviceAccounts/*",
        "iam POST serviceAccounts",
        "iam GET serviceAccounts/*",
        "secretmanager GET secrets/polyfaas-shop-dev-created:getIamPolicy",
        "secretmanager POST secrets/polyfaas-shop-dev-created:setIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-created:getIamPolicy",
        "secretmanager POST secrets/polyfaas-shop-dev-created:setIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-created",
        "secretmanager GET secrets/polyfaas-shop-dev-created/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-created:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-created/versions",
        "pubsub PUT topics/polyfaas-shop-dev-created-dropped",
        "cloudresourcemanager GET project",
        "pubsub GET topics/polyfaas-shop-dev-created-dropped:getIamPolicy",
        "pubsub POST topics/polyfaas-shop-dev-created-dropped:setIamPolicy",
        "iam POST serviceAccounts/*:getIamPolicy",
        "iam POST serviceAccounts/*:setIamPolicy",
        "pubsub PUT topics/polyfaas-shop-dev-created-async",
        "functions POST functions:generateUploadUrl",
        "uploads PUT source",
        "functions GET functions/shop-dev-created",
        "functions POST functions",
        "functions GET functions/shop-dev-created",
        "functions GET operations/* (7 times)",
        "run GET services/shop-dev-created",
        "run PATCH services/shop-dev-created (traffic)",
        "run GET operations/* (2 times)",
        "run GET services/shop-dev-created",
        "secretmanager GET secrets/polyfaas-shop-dev-created/versions/latest:access",
        "service POST /polyfaas/invoke",
        "run GET services/shop-dev-created",
        "secretmanager GET secrets/polyfaas-shop-dev-created",
        "secretmanager PATCH secrets/polyfaas-shop-dev-created (annotations)",
        "run GET services/shop-dev-created:getIamPolicy",
        "run POST services/shop-dev-created:setIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-created",
        "secretmanager GET secrets/polyfaas-shop-dev-created/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-created:addVersion",
        "pubsub GET subscriptions/polyfaas-shop-dev-created-async",
        "secretmanager GET secrets/polyfaas-shop-dev-created",
        "secretmanager GET secrets/polyfaas-shop-dev-created/versions",
        "pubsub PUT subscriptions/polyfaas-shop-dev-created-async",
        "pubsub GET subscriptions/polyfaas-shop-dev-created-async:getIamPolicy",
        "pubsub POST subscriptions/polyfaas-shop-dev-created-async:setIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-created",
        "secretmanager PATCH secrets/polyfaas-shop-dev-created (annotations)",
      ]
    `);
  });

  it('the same again', async () => {
    const manager = await fresh('same', FIRST);
    await manager.deploy('same');
    const before = stage.fake.faults.writes;
    expect(await during(() => manager.deploy('same'))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-same",
        "secretmanager GET secrets/polyfaas-shop-dev-same",
      ]
    `);
    const other = await fresh('same', FIRST);
    expect(await during(() => other.deploy('same'))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-same",
        "secretmanager GET secrets/polyfaas-shop-dev-same",
      ]
    `);
    expect(stage.fake.faults.writes).toBe(before);
  });

  it.each<readonly [string, FunctionSpec]>([
    ['code', { source: plainCode('b') }],
    ['environment', { ...FIRST, env: { PLACE: 'x' } }],
    ['memory', { ...FIRST, memoryMb: 2048 }],
  ])('another %s', async (name, spec) => {
    await (await fresh(name, FIRST)).deploy(name);
    const manager = await fresh(name, spec);
    const calls = await during(() => manager.deploy(name));
    expect(calls.map((call) => call.replaceAll(`shop-dev-${name}`, 'NAME'))).toMatchInlineSnapshot(`
      [
        "functions GET functions/NAME",
        "iam GET serviceAccounts/*",
        "secretmanager GET secrets/polyfaas-NAME (2 times)",
        "secretmanager PATCH secrets/polyfaas-NAME (annotations)",
        "functions POST functions:generateUploadUrl",
        "uploads PUT source",
        "functions GET functions/NAME",
        "run GET services/NAME",
        "functions PATCH functions/NAME (22 fields)",
        "functions GET functions/NAME",
        "functions GET operations/* (7 times)",
        "run GET services/NAME",
        "run PATCH services/NAME (traffic)",
        "run GET operations/* (2 times)",
        "run GET services/NAME",
        "secretmanager GET secrets/polyfaas-NAME/versions/latest:access",
        "service POST /polyfaas/invoke",
        "run GET services/NAME",
        "secretmanager GET secrets/polyfaas-NAME",
        "run PATCH services/NAME (traffic)",
        "run GET operations/* (2 times)",
        "run GET services/NAME",
        "secretmanager GET secrets/polyfaas-NAME",
        "secretmanager PATCH secrets/polyfaas-NAME (annotations)",
      ]
    `);
  });

  it('instances that are kept ready', async () => {
    await (await fresh('ready', FIRST)).deploy('ready');
    const manager = await fresh('ready', { ...FIRST, minInstances: 1 });
    expect(await during(() => manager.deploy('ready'))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-ready",
        "secretmanager GET secrets/polyfaas-shop-dev-ready (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-ready (annotations)",
        "secretmanager GET secrets/polyfaas-shop-dev-ready",
        "secretmanager GET secrets/polyfaas-shop-dev-ready/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-ready:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-ready/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-ready/versions/1:destroy",
        "run GET services/shop-dev-ready",
        "run PATCH services/shop-dev-ready (scaling.minInstanceCount)",
        "run GET operations/* (2 times)",
        "run GET services/shop-dev-ready",
        "secretmanager GET secrets/polyfaas-shop-dev-ready",
        "secretmanager PATCH secrets/polyfaas-shop-dev-ready (annotations)",
      ]
    `);
    expect(await during(() => manager.deploy('ready'))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-ready",
        "secretmanager GET secrets/polyfaas-shop-dev-ready",
      ]
    `);
    await manager.remove('ready');
  });

  it('a version more than are kept', async () => {
    await (await fresh('pruned', { ...FIRST, keepVersions: 1 })).deploy('pruned');
    await (await fresh('pruned', { source: plainCode('b'), keepVersions: 1 })).deploy('pruned');
    const manager = await fresh('pruned', { source: plainCode('c'), keepVersions: 1 });
    expect(await during(() => manager.deploy('pruned'))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-pruned",
        "iam GET serviceAccounts/*",
        "secretmanager GET secrets/polyfaas-shop-dev-pruned (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-pruned (annotations)",
        "functions POST functions:generateUploadUrl",
        "uploads PUT source",
        "functions GET functions/shop-dev-pruned",
        "run GET services/shop-dev-pruned",
        "functions PATCH functions/shop-dev-pruned (22 fields)",
        "functions GET functions/shop-dev-pruned",
        "functions GET operations/* (7 times)",
        "run GET services/shop-dev-pruned",
        "run PATCH services/shop-dev-pruned (traffic)",
        "run GET operations/* (2 times)",
        "run GET services/shop-dev-pruned",
        "secretmanager GET secrets/polyfaas-shop-dev-pruned/versions/latest:access",
        "service POST /polyfaas/invoke",
        "run GET services/shop-dev-pruned",
        "secretmanager GET secrets/polyfaas-shop-dev-pruned",
        "run PATCH services/shop-dev-pruned (traffic)",
        "run GET operations/* (2 times)",
        "run GET services/shop-dev-pruned",
        "secretmanager GET secrets/polyfaas-shop-dev-pruned",
        "secretmanager PATCH secrets/polyfaas-shop-dev-pruned (annotations)",
        "run GET services/shop-dev-pruned",
        "run PATCH services/shop-dev-pruned (traffic)",
        "run GET operations/* (2 times)",
        "run GET services/shop-dev-pruned",
        "run DELETE services/shop-dev-pruned/revisions/shop-dev-pruned-00002",
        "run GET operations/* (2 times)",
        "secretmanager GET secrets/polyfaas-shop-dev-pruned",
        "secretmanager PATCH secrets/polyfaas-shop-dev-pruned (annotations)",
      ]
    `);
  });

  it('a plan that looks at everything', async () => {
    const manager = await fresh('looked', FIRST);
    await manager.deploy('looked');
    expect(await during(() => manager.plan('looked', { drift: 'full' }))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-looked",
        "pubsub GET subscriptions/polyfaas-shop-dev-looked-async",
        "pubsub GET topics/polyfaas-shop-dev-looked-async",
        "pubsub GET topics/polyfaas-shop-dev-looked-dropped",
        "run GET services/shop-dev-looked",
        "run GET services/shop-dev-looked/revisions",
        "run GET services/shop-dev-looked:getIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-looked",
        "secretmanager GET secrets/polyfaas-shop-dev-looked/versions/latest",
      ]
    `);
  });

  it('an invocation', async () => {
    const manager = await fresh('called', FIRST);
    await manager.deploy('called');
    await manager.invoke('called', 1);
    expect(await during(() => manager.invoke('called', 2))).toMatchInlineSnapshot(`
      [
        "service POST /polyfaas/invoke",
      ]
    `);
    await manager.invoke('called', 2, { mode: 'async' });
    expect(await during(() => manager.invoke('called', 2, { mode: 'async' })))
      .toMatchInlineSnapshot(`
      [
        "pubsub POST topics/polyfaas-shop-dev-called-async:publish",
      ]
    `);
    await stage.fake.settle();
    const other = await fresh('called', FIRST);
    expect(await during(() => other.invoke('called', 3))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-called",
        "secretmanager GET secrets/polyfaas-shop-dev-called",
        "secretmanager GET secrets/polyfaas-shop-dev-called/versions/latest:access",
        "service POST /polyfaas/invoke",
      ]
    `);
    expect(await during(() => other.invoke('called', 4))).toMatchInlineSnapshot(`
      [
        "service POST /polyfaas/invoke",
      ]
    `);
    const third = await fresh('called', FIRST);
    expect(await during(() => third.invoke('called', 5, { mode: 'async' }))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-called",
        "secretmanager GET secrets/polyfaas-shop-dev-called",
        "secretmanager GET secrets/polyfaas-shop-dev-called/versions/latest:access",
        "pubsub POST topics/polyfaas-shop-dev-called-async:publish",
      ]
    `);
    await stage.fake.settle();
  });

  it('three warm instances', async () => {
    await (await fresh('warm', FIRST)).deploy('warm');
    const manager = await fresh('warm', FIRST);
    expect(await during(() => manager.preWarm('warm', { instances: 3 }))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-warm (2 times)",
        "secretmanager GET secrets/polyfaas-shop-dev-warm (2 times)",
        "secretmanager GET secrets/polyfaas-shop-dev-warm/versions/latest:access",
        "service POST /polyfaas/invoke (3 times)",
      ]
    `);
  });

  it('a rollback', async () => {
    await (await fresh('back', FIRST)).deploy('back');
    await (await fresh('back', { source: plainCode('b') })).deploy('back');
    const manager = await fresh('back', FIRST);
    expect(await during(() => manager.rollback('back'))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-back",
        "secretmanager GET secrets/polyfaas-shop-dev-back (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-back (annotations)",
        "run GET services/shop-dev-back",
        "run GET services/shop-dev-back/revisions/shop-dev-back-00001",
        "secretmanager GET secrets/polyfaas-shop-dev-back",
        "run PATCH services/shop-dev-back (traffic)",
        "run GET operations/* (2 times)",
        "run GET services/shop-dev-back",
        "secretmanager GET secrets/polyfaas-shop-dev-back",
        "secretmanager PATCH secrets/polyfaas-shop-dev-back (annotations)",
      ]
    `);
    expect((await manager.invoke('back')).output).toBe('a');
  });

  it('metrics', async () => {
    const manager = await fresh('measured', FIRST);
    await manager.deploy('measured');
    await manager.invoke('measured', 1);
    expect(await during(() => manager.metrics('measured', { last: '1h' }))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-measured",
        "monitoring GET timeSeries (4 times)",
        "secretmanager GET secrets/polyfaas-shop-dev-measured",
      ]
    `);
  });

  it('logs', async () => {
    const manager = await fresh('logged', FIRST);
    await manager.deploy('logged');
    const calls = await readingLogs(manager, 'logged');
    expect(calls).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-logged",
        "logging POST entries:list",
        "secretmanager GET secrets/polyfaas-shop-dev-logged",
      ]
    `);
  });

  it('a removal', async () => {
    await (await fresh('gone', FIRST)).deploy('gone');
    const manager = await fresh('gone', FIRST);
    expect(await during(() => manager.remove('gone'))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-gone",
        "secretmanager GET secrets",
        "secretmanager GET secrets/polyfaas-shop-dev-gone (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-gone (annotations)",
        "pubsub GET subscriptions/polyfaas-shop-dev-gone-async",
        "secretmanager GET secrets/polyfaas-shop-dev-gone",
        "pubsub DELETE subscriptions/polyfaas-shop-dev-gone-async",
        "pubsub GET topics/polyfaas-shop-dev-gone-async",
        "secretmanager GET secrets/polyfaas-shop-dev-gone",
        "pubsub DELETE topics/polyfaas-shop-dev-gone-async",
        "pubsub GET topics/polyfaas-shop-dev-gone-dropped",
        "secretmanager GET secrets/polyfaas-shop-dev-gone",
        "pubsub DELETE topics/polyfaas-shop-dev-gone-dropped",
        "functions GET functions/shop-dev-gone",
        "secretmanager GET secrets/polyfaas-shop-dev-gone",
        "functions DELETE functions/shop-dev-gone",
        "functions GET functions/shop-dev-gone",
        "functions GET operations/* (6 times)",
        "iam GET serviceAccounts/*",
        "secretmanager GET secrets/polyfaas-shop-dev-gone",
        "iam DELETE serviceAccounts/*",
        "secretmanager GET secrets/polyfaas-shop-dev-gone",
        "secretmanager DELETE secrets/polyfaas-shop-dev-gone",
      ]
    `);
    expect(stage.fake.inventory().filter((line) => line.includes('gone'))).toStrictEqual([]);
    expect(await during(() => manager.remove('gone'))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-gone",
        "iam GET serviceAccounts/*",
        "pubsub GET topics/polyfaas-shop-dev-gone-async",
        "secretmanager GET secrets",
        "secretmanager GET secrets/polyfaas-shop-dev-gone",
      ]
    `);
  });
});
