/** What it costs on the wire to bind a function to what is more than one topic; see `cost-of-events.test.ts`. */
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
  it('a bus', async () => {
    const manager = await deployed('bused');
    const bus = { type: 'bus', id: 'e', bus: 'shop', create: true } as const;
    expect(await during(() => manager.configureEvent('bused', bus))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-bused",
        "secretmanager GET secrets/polyfaas-shop-dev-bused (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-bused (annotations)",
        "pubsub PUT topics/shop",
        "secretmanager GET secrets/polyfaas-shop-dev-bused",
        "secretmanager GET secrets/polyfaas-shop-dev-bused/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-bused:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-bused/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-bused/versions/1:destroy",
        "pubsub GET subscriptions/polyfaas-shop-dev-bused-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-bused",
        "pubsub PUT subscriptions/polyfaas-shop-dev-bused-e-*",
        "pubsub GET subscriptions/polyfaas-shop-dev-bused-e-*:getIamPolicy",
        "pubsub POST subscriptions/polyfaas-shop-dev-bused-e-*:setIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-bused",
        "secretmanager PATCH secrets/polyfaas-shop-dev-bused (annotations)",
      ]
    `);
    const filtered: EventSpec = { ...bus, pattern: { source: ['orders'] } };
    expect(await during(() => manager.configureEvent('bused', filtered))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-bused",
        "secretmanager GET secrets/polyfaas-shop-dev-bused (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-bused (annotations)",
        "pubsub PUT topics/shop",
        "secretmanager GET secrets/polyfaas-shop-dev-bused",
        "secretmanager GET secrets/polyfaas-shop-dev-bused/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-bused:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-bused/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-bused/versions/2:destroy",
        "pubsub GET subscriptions/polyfaas-shop-dev-bused-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-bused",
        "pubsub PUT subscriptions/polyfaas-shop-dev-bused-e-*",
        "pubsub GET subscriptions/polyfaas-shop-dev-bused-e-*:getIamPolicy",
        "pubsub POST subscriptions/polyfaas-shop-dev-bused-e-*:setIamPolicy",
        "pubsub GET subscriptions/polyfaas-shop-dev-bused-e-*",
        "pubsub DELETE subscriptions/polyfaas-shop-dev-bused-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-bused",
        "secretmanager PATCH secrets/polyfaas-shop-dev-bused (annotations)",
      ]
    `);
    expect(await during(() => manager.removeEvent('bused', 'e'))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-bused",
        "secretmanager GET secrets/polyfaas-shop-dev-bused (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-bused (annotations)",
        "secretmanager GET secrets/polyfaas-shop-dev-bused",
        "secretmanager GET secrets/polyfaas-shop-dev-bused/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-bused:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-bused/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-bused/versions/3:destroy",
        "pubsub GET subscriptions/polyfaas-shop-dev-bused-e-*",
        "pubsub DELETE subscriptions/polyfaas-shop-dev-bused-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-bused",
        "secretmanager PATCH secrets/polyfaas-shop-dev-bused (annotations)",
      ]
    `);
  });

  it('objects', async () => {
    const manager = await deployed('stored');
    const bucket = { type: 'object', id: 'e', bucket: 'cost-pictures', create: true } as const;
    expect(await during(() => manager.configureEvent('stored', bucket))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-stored",
        "secretmanager GET secrets/polyfaas-shop-dev-stored (2 times)",
        "storage GET b/cost-pictures",
        "secretmanager PATCH secrets/polyfaas-shop-dev-stored (annotations)",
        "storage POST b",
        "pubsub PUT topics/polyfaas-shop-dev-stored-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-stored",
        "secretmanager GET secrets/polyfaas-shop-dev-stored/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-stored:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-stored/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-stored/versions/1:destroy",
        "pubsub GET subscriptions/polyfaas-shop-dev-stored-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-stored",
        "pubsub PUT subscriptions/polyfaas-shop-dev-stored-e-*",
        "pubsub GET subscriptions/polyfaas-shop-dev-stored-e-*:getIamPolicy",
        "pubsub POST subscriptions/polyfaas-shop-dev-stored-e-*:setIamPolicy",
        "pubsub GET topics/polyfaas-shop-dev-stored-e-*:getIamPolicy",
        "storage GET b/cost-pictures",
        "storage GET serviceAccount",
        "pubsub POST topics/polyfaas-shop-dev-stored-e-*:setIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-stored",
        "storage GET b/cost-pictures/notificationConfigs",
        "storage POST b/cost-pictures/notificationConfigs",
        "pubsub GET topics/polyfaas-shop-dev-stored-e-*:getIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-stored",
        "storage GET b/cost-pictures",
        "storage GET b/cost-pictures/notificationConfigs",
        "storage GET serviceAccount",
        "storage POST b/cost-pictures/notificationConfigs",
        "pubsub GET topics/polyfaas-shop-dev-stored-e-*:getIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-stored",
        "storage GET b/cost-pictures",
        "storage GET b/cost-pictures/notificationConfigs",
        "storage GET serviceAccount",
        "storage POST b/cost-pictures/notificationConfigs",
        "pubsub GET topics/polyfaas-shop-dev-stored-e-*:getIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-stored",
        "storage GET b/cost-pictures",
        "storage GET b/cost-pictures/notificationConfigs",
        "storage GET serviceAccount",
        "storage POST b/cost-pictures/notificationConfigs",
        "pubsub GET topics/polyfaas-shop-dev-stored-e-*:getIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-stored",
        "storage GET b/cost-pictures",
        "storage GET b/cost-pictures/notificationConfigs",
        "storage GET serviceAccount",
        "storage POST b/cost-pictures/notificationConfigs",
        "secretmanager GET secrets/polyfaas-shop-dev-stored",
        "storage GET b/cost-pictures/notificationConfigs",
        "secretmanager PATCH secrets/polyfaas-shop-dev-stored (annotations)",
      ]
    `);
    const prefixed: EventSpec = { ...bucket, prefix: 'in/' };
    expect(await during(() => manager.configureEvent('stored', prefixed))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-stored",
        "secretmanager GET secrets/polyfaas-shop-dev-stored (2 times)",
        "storage GET b/cost-pictures",
        "secretmanager PATCH secrets/polyfaas-shop-dev-stored (annotations)",
        "storage POST b",
        "storage GET b/cost-pictures",
        "pubsub PUT topics/polyfaas-shop-dev-stored-e-*",
        "pubsub GET topics/polyfaas-shop-dev-stored-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-stored",
        "secretmanager GET secrets/polyfaas-shop-dev-stored/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-stored:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-stored/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-stored/versions/2:destroy",
        "pubsub GET subscriptions/polyfaas-shop-dev-stored-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-stored",
        "pubsub PATCH subscriptions/polyfaas-shop-dev-stored-e-*",
        "pubsub GET subscriptions/polyfaas-shop-dev-stored-e-*:getIamPolicy",
        "pubsub GET topics/polyfaas-shop-dev-stored-e-*:getIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-stored",
        "storage GET b/cost-pictures",
        "storage GET b/cost-pictures/notificationConfigs",
        "storage GET serviceAccount",
        "storage POST b/cost-pictures/notificationConfigs",
        "storage GET b/cost-pictures/notificationConfigs",
        "storage DELETE b/cost-pictures/notificationConfigs/*",
        "secretmanager GET secrets/polyfaas-shop-dev-stored",
        "secretmanager PATCH secrets/polyfaas-shop-dev-stored (annotations)",
      ]
    `);
    expect(await during(() => manager.removeEvent('stored', 'e'))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-stored",
        "secretmanager GET secrets/polyfaas-shop-dev-stored (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-stored (annotations)",
        "secretmanager GET secrets/polyfaas-shop-dev-stored",
        "secretmanager GET secrets/polyfaas-shop-dev-stored/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-stored:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-stored/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-stored/versions/3:destroy",
        "storage GET b/cost-pictures/notificationConfigs",
        "storage DELETE b/cost-pictures/notificationConfigs/*",
        "pubsub GET subscriptions/polyfaas-shop-dev-stored-e-*",
        "pubsub DELETE subscriptions/polyfaas-shop-dev-stored-e-*",
        "pubsub GET topics/polyfaas-shop-dev-stored-e-*",
        "pubsub DELETE topics/polyfaas-shop-dev-stored-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-stored",
        "secretmanager PATCH secrets/polyfaas-shop-dev-stored (annotations)",
      ]
    `);
  });

  it('a table', async () => {
    const manager = await deployed('rowed');
    const table = { type: 'table', id: 'e', table: 'orders' } as const;
    expect(await during(() => manager.configureEvent('rowed', table))).toMatchInlineSnapshot(`
      [
        "firestore GET databases/(default)",
        "functions GET functions/shop-dev-rowed",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-rowed (annotations)",
        "pubsub PUT topics/polyfaas-shop-dev-rowed-e-*",
        "pubsub GET topics/polyfaas-shop-dev-rowed-e-*:getIamPolicy",
        "pubsub POST topics/polyfaas-shop-dev-rowed-e-*:setIamPolicy",
        "cloudresourcemanager POST project:getIamPolicy",
        "cloudresourcemanager POST project:setIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-rowed:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-rowed/versions/1:destroy",
        "pubsub GET subscriptions/polyfaas-shop-dev-rowed-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed",
        "pubsub PUT subscriptions/polyfaas-shop-dev-rowed-e-*",
        "pubsub GET subscriptions/polyfaas-shop-dev-rowed-e-*:getIamPolicy",
        "pubsub POST subscriptions/polyfaas-shop-dev-rowed-e-*:setIamPolicy",
        "eventarc GET triggers/polyfaas-shop-dev-rowed-e-*",
        "firestore GET databases/(default)",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed",
        "eventarc POST triggers",
        "eventarc GET triggers/polyfaas-shop-dev-rowed-e-*",
        "firestore GET databases/(default)",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed",
        "eventarc POST triggers",
        "eventarc GET triggers/polyfaas-shop-dev-rowed-e-*",
        "firestore GET databases/(default)",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed",
        "eventarc POST triggers",
        "eventarc GET operations/* (5 times)",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed",
        "secretmanager PATCH secrets/polyfaas-shop-dev-rowed (annotations)",
      ]
    `);
    const retried: EventSpec = { ...table, retry: { maxAttempts: 7 } };
    expect(await during(() => manager.configureEvent('rowed', retried))).toMatchInlineSnapshot(`
      [
        "firestore GET databases/(default)",
        "functions GET functions/shop-dev-rowed",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-rowed (annotations)",
        "pubsub PUT topics/polyfaas-shop-dev-rowed-e-*",
        "cloudresourcemanager POST project:getIamPolicy",
        "pubsub GET topics/polyfaas-shop-dev-rowed-e-*",
        "pubsub GET topics/polyfaas-shop-dev-rowed-e-*:getIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-rowed:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-rowed/versions/2:destroy",
        "pubsub GET subscriptions/polyfaas-shop-dev-rowed-e-*",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed",
        "pubsub PATCH subscriptions/polyfaas-shop-dev-rowed-e-*",
        "eventarc GET triggers/polyfaas-shop-dev-rowed-e-*",
        "firestore GET databases/(default)",
        "pubsub GET subscriptions/polyfaas-shop-dev-rowed-e-*:getIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-rowed (annotations)",
      ]
    `);
    expect(await during(() => manager.removeEvent('rowed', 'e'))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-rowed",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-rowed (annotations)",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-rowed:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-rowed/versions/3:destroy",
        "eventarc GET triggers/polyfaas-shop-dev-rowed-e-*",
        "firestore GET databases/(default)",
        "eventarc DELETE triggers/polyfaas-shop-dev-rowed-e-*",
        "eventarc GET operations/* (5 times)",
        "pubsub GET subscriptions/polyfaas-shop-dev-rowed-e-*",
        "pubsub DELETE subscriptions/polyfaas-shop-dev-rowed-e-*",
        "pubsub GET topics/polyfaas-shop-dev-rowed-e-*",
        "pubsub DELETE topics/polyfaas-shop-dev-rowed-e-*",
        "cloudresourcemanager POST project:getIamPolicy",
        "cloudresourcemanager POST project:setIamPolicy",
        "pubsub GET topics/polyfaas-shop-dev-rowed-e-*:getIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-rowed",
        "secretmanager PATCH secrets/polyfaas-shop-dev-rowed (annotations)",
      ]
    `);
  });

  it('a route', async () => {
    const manager = await deployed('routed');
    const route = { type: 'http', id: 'e', method: 'GET', path: '/orders' } as const;
    expect(await during(() => manager.configureEvent('routed', route))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-routed",
        "secretmanager GET secrets/polyfaas-shop-dev-routed (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-routed (annotations)",
        "secretmanager GET secrets/polyfaas-shop-dev-routed",
        "secretmanager GET secrets/polyfaas-shop-dev-routed/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-routed:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-routed/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-routed/versions/1:destroy",
        "run GET services/shop-dev-routed:getIamPolicy",
        "run POST services/shop-dev-routed:setIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-routed",
        "secretmanager PATCH secrets/polyfaas-shop-dev-routed (annotations)",
      ]
    `);
    const moved: EventSpec = { ...route, path: '/orders/{id}' };
    expect(await during(() => manager.configureEvent('routed', moved))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-routed",
        "secretmanager GET secrets/polyfaas-shop-dev-routed (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-routed (annotations)",
        "secretmanager GET secrets/polyfaas-shop-dev-routed",
        "secretmanager GET secrets/polyfaas-shop-dev-routed/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-routed:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-routed/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-routed/versions/2:destroy",
        "secretmanager GET secrets/polyfaas-shop-dev-routed",
        "secretmanager PATCH secrets/polyfaas-shop-dev-routed (annotations)",
      ]
    `);
    expect(await during(() => manager.removeEvent('routed', 'e'))).toMatchInlineSnapshot(`
      [
        "functions GET functions/shop-dev-routed",
        "secretmanager GET secrets/polyfaas-shop-dev-routed (2 times)",
        "secretmanager PATCH secrets/polyfaas-shop-dev-routed (annotations)",
        "secretmanager GET secrets/polyfaas-shop-dev-routed",
        "secretmanager GET secrets/polyfaas-shop-dev-routed/versions/latest:access",
        "secretmanager POST secrets/polyfaas-shop-dev-routed:addVersion",
        "secretmanager GET secrets/polyfaas-shop-dev-routed/versions",
        "secretmanager POST secrets/polyfaas-shop-dev-routed/versions/3:destroy",
        "run GET services/shop-dev-routed:getIamPolicy",
        "run POST services/shop-dev-routed:setIamPolicy",
        "secretmanager GET secrets/polyfaas-shop-dev-routed",
        "secretmanager PATCH secrets/polyfaas-shop-dev-routed (annotations)",
      ]
    `);
  });
});
