/** What it costs on the wire to bind a function to an event, and to let go of it; see `cost-of-calls.test.ts`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventSpec } from 'polyfaas';
import { costsOf } from '../support/cost/costs.ts';
import { callsDuring } from './support/calls-during.ts';
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
        "functions GET functions/shop-dev-timed",
        "secretmanager GET secrets/polyfaas-shop-dev-timed (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-timed (annotations)",
        "secretmanager GET secrets/polyfaas-shop-dev-timed",
        "secretmanager GET secrets/polyfaas-shop-dev-timed/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-timed:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-timed/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-timed/versions/1:destroy",
        "scheduler GET jobs/polyfaas-shop-dev-timed-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-timed",
        "scheduler POST jobs",
        "secretmanager GET secrets/polyfaas-shop-dev-timed",
        "secretmanager PATCH secrets/polyfaas-shop-dev-timed (annotations)",
      ]
    `);
    expect(await during(() => manager.configureEvent('timed', nightly))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-timed",
        "secretmanager GET secrets/polyfaas-shop-dev-timed",
      ]
    `);
    const later: EventSpec = { ...nightly, cron: '0 4 * * *' };
    expect(await during(() => manager.configureEvent('timed', later))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-timed",
        "secretmanager GET secrets/polyfaas-shop-dev-timed (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-timed (annotations)",
        "secretmanager GET secrets/polyfaas-shop-dev-timed",
        "secretmanager GET secrets/polyfaas-shop-dev-timed/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-timed:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-timed/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-timed/versions/2:destroy",
        "scheduler GET jobs/polyfaas-shop-dev-timed-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-timed",
        "scheduler PATCH jobs/polyfaas-shop-dev-timed-e-* (schedule,httpTarget)",
        "secretmanager GET secrets/polyfaas-shop-dev-timed",
        "secretmanager PATCH secrets/polyfaas-shop-dev-timed (annotations)",
      ]
    `);
    expect(await during(() => manager.removeEvent('timed', 'e'))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-timed",
        "secretmanager GET secrets/polyfaas-shop-dev-timed (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-timed (annotations)",
        "secretmanager GET secrets/polyfaas-shop-dev-timed",
        "secretmanager GET secrets/polyfaas-shop-dev-timed/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-timed:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-timed/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-timed/versions/3:destroy",
        "scheduler GET jobs/polyfaas-shop-dev-timed-e-*",
        "scheduler DELETE jobs/polyfaas-shop-dev-timed-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-timed",
        "secretmanager PATCH secrets/polyfaas-shop-dev-timed (annotations)",
      ]
    `);
  });

  it('a queue', async () => {
    const manager = await deployed('queued');
    const queue = { type: 'queue', id: 'e', queue: 'queued', create: true } as const;
    expect(await during(() => manager.configureEvent('queued', queue))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-queued",
        "pubsub GET topics/queued/subscriptions",
        "secretmanager GET secrets/polyfaas-shop-dev-queued (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-queued (annotations)",
        "pubsub PUT topics/queued",
        "secretmanager GET secrets/polyfaas-shop-dev-queued",
        "secretmanager GET secrets/polyfaas-shop-dev-queued/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-queued:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-queued/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-queued/versions/1:destroy",
        "pubsub GET subscriptions/polyfaas-shop-dev-queued-e-*",
        "pubsub GET topics/queued/subscriptions",
        "secretmanager GET secrets/polyfaas-shop-dev-queued",
        "pubsub PUT subscriptions/polyfaas-shop-dev-queued-e-*",
        "pubsub GET subscriptions/polyfaas-shop-dev-queued-e-*:getIamPolicy",
        "pubsub POST subscriptions/polyfaas-shop-dev-queued-e-*:setIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-queued",
        "secretmanager PATCH secrets/polyfaas-shop-dev-queued (annotations)",
      ]
    `);
    expect(await during(() => manager.configureEvent('queued', queue))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-queued",
        "secretmanager GET secrets/polyfaas-shop-dev-queued",
      ]
    `);
    const retried: EventSpec = { ...queue, retry: { maxAttempts: 7, delaySeconds: 30 } };
    expect(await during(() => manager.configureEvent('queued', retried))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-queued",
        "pubsub GET topics/queued/subscriptions",
        "secretmanager GET secrets/polyfaas-shop-dev-queued (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-queued (annotations)",
        "pubsub PUT topics/queued",
        "secretmanager GET secrets/polyfaas-shop-dev-queued",
        "secretmanager GET secrets/polyfaas-shop-dev-queued/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-queued:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-queued/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-queued/versions/2:destroy",
        "pubsub GET subscriptions/polyfaas-shop-dev-queued-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-queued",
        "pubsub PATCH subscriptions/polyfaas-shop-dev-queued-e-*",
        "pubsub GET subscriptions/polyfaas-shop-dev-queued-e-*:getIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-queued",
        "secretmanager PATCH secrets/polyfaas-shop-dev-queued (annotations)",
      ]
    `);
    const kept: EventSpec = { ...retried, deadLetter: 'queued-dead' };
    expect(await during(() => manager.configureEvent('queued', kept))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-queued",
        "pubsub GET topics/queued/subscriptions",
        "secretmanager GET secrets/polyfaas-shop-dev-queued (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-queued (annotations)",
        "pubsub PUT topics/queued",
        "pubsub PUT topics/queued-dead",
        "pubsub PUT subscriptions/queued-dead",
        "pubsub GET topics/queued-dead:getIamPolicy",
        "pubsub POST topics/queued-dead:setIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-queued",
        "secretmanager GET secrets/polyfaas-shop-dev-queued/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-queued:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-queued/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-queued/versions/3:destroy",
        "pubsub GET subscriptions/polyfaas-shop-dev-queued-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-queued",
        "pubsub PATCH subscriptions/polyfaas-shop-dev-queued-e-*",
        "pubsub GET subscriptions/polyfaas-shop-dev-queued-e-*:getIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-queued",
        "secretmanager PATCH secrets/polyfaas-shop-dev-queued (annotations)",
      ]
    `);
    const off: EventSpec = { ...kept, enabled: false };
    expect(await during(() => manager.configureEvent('queued', off))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-queued",
        "pubsub GET topics/queued/subscriptions",
        "secretmanager GET secrets/polyfaas-shop-dev-queued (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-queued (annotations)",
        "pubsub PUT topics/queued",
        "pubsub PUT topics/queued-dead",
        "pubsub PUT subscriptions/queued-dead",
        "pubsub GET subscriptions/queued-dead",
        "pubsub GET topics/queued-dead:getIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-queued",
        "secretmanager GET secrets/polyfaas-shop-dev-queued/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-queued:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-queued/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-queued/versions/4:destroy",
        "pubsub GET subscriptions/polyfaas-shop-dev-queued-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-queued",
        "pubsub PATCH subscriptions/polyfaas-shop-dev-queued-e-*",
        "pubsub GET subscriptions/polyfaas-shop-dev-queued-e-*:getIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-queued",
        "secretmanager PATCH secrets/polyfaas-shop-dev-queued (annotations)",
      ]
    `);
    expect(await during(() => manager.removeEvent('queued', 'e'))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-queued",
        "secretmanager GET secrets/polyfaas-shop-dev-queued (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-queued (annotations)",
        "secretmanager GET secrets/polyfaas-shop-dev-queued",
        "secretmanager GET secrets/polyfaas-shop-dev-queued/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-queued:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-queued/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-queued/versions/5:destroy",
        "pubsub GET subscriptions/polyfaas-shop-dev-queued-e-*",
        "pubsub DELETE subscriptions/polyfaas-shop-dev-queued-e-*",
        "pubsub GET topics/queued-dead:getIamPolicy",
        "pubsub POST topics/queued-dead:setIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-queued",
        "secretmanager PATCH secrets/polyfaas-shop-dev-queued (annotations)",
      ]
    `);
  });

  it('a topic', async () => {
    stage.fake.world.pubsub.createTopic(`projects/${stage.fake.projectId}/topics/users`);
    const manager = await deployed('told');
    const topic = { type: 'topic', id: 'e', topic: 'users' } as const;
    expect(await during(() => manager.configureEvent('told', topic))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-told",
        "pubsub GET topics/users",
        "secretmanager GET secrets/polyfaas-shop-dev-told (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-told (annotations)",
        "secretmanager GET secrets/polyfaas-shop-dev-told",
        "secretmanager GET secrets/polyfaas-shop-dev-told/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-told:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-told/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-told/versions/1:destroy",
        "pubsub GET subscriptions/polyfaas-shop-dev-told-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-told",
        "pubsub PUT subscriptions/polyfaas-shop-dev-told-e-*",
        "pubsub GET subscriptions/polyfaas-shop-dev-told-e-*:getIamPolicy",
        "pubsub POST subscriptions/polyfaas-shop-dev-told-e-*:setIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-told",
        "secretmanager PATCH secrets/polyfaas-shop-dev-told (annotations)",
      ]
    `);
    const filtered: EventSpec = { ...topic, filter: { kind: ['new'] } };
    expect(await during(() => manager.configureEvent('told', filtered))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-told",
        "pubsub GET topics/users",
        "secretmanager GET secrets/polyfaas-shop-dev-told (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-told (annotations)",
        "secretmanager GET secrets/polyfaas-shop-dev-told",
        "secretmanager GET secrets/polyfaas-shop-dev-told/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-told:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-told/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-told/versions/2:destroy",
        "pubsub GET subscriptions/polyfaas-shop-dev-told-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-told",
        "pubsub PUT subscriptions/polyfaas-shop-dev-told-e-*",
        "pubsub GET subscriptions/polyfaas-shop-dev-told-e-*:getIamPolicy",
        "pubsub POST subscriptions/polyfaas-shop-dev-told-e-*:setIamPolicy",
        "pubsub GET subscriptions/polyfaas-shop-dev-told-e-*",
        "pubsub DELETE subscriptions/polyfaas-shop-dev-told-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-told",
        "secretmanager PATCH secrets/polyfaas-shop-dev-told (annotations)",
      ]
    `);
    expect(await during(() => manager.removeEvent('told', 'e'))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-told",
        "secretmanager GET secrets/polyfaas-shop-dev-told (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-told (annotations)",
        "secretmanager GET secrets/polyfaas-shop-dev-told",
        "secretmanager GET secrets/polyfaas-shop-dev-told/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-told:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-told/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-told/versions/3:destroy",
        "pubsub GET subscriptions/polyfaas-shop-dev-told-e-*",
        "pubsub DELETE subscriptions/polyfaas-shop-dev-told-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-told",
        "secretmanager PATCH secrets/polyfaas-shop-dev-told (annotations)",
      ]
    `);
  });
});
