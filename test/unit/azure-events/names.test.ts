import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseArmId, plainName } from '../../../providers/azure/events/arm-id.ts';
import {
  connectionName,
  ownQueueName,
  subscriptionName,
  systemTopicId,
} from '../../../providers/azure/events/names.ts';
import { parseRoleKey, ROLE, roleKey } from '../../../providers/azure/events/roles.ts';
import { sharedBus, sharedHosts } from '../../../providers/azure/events/shared.ts';
import { bindingSetting } from '../../../providers/azure/manifest.ts';
import { GROUP, SUBSCRIPTION, TARGET } from './bindings.ts';

const slug = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/);
const bindingId = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/);
const place = fc.record({ app: slug, stage: slug }).map(({ app, stage }) => ({
  ...TARGET,
  ref: { app, stage, name: 'orders' },
}));

describe('names of shared hosts', () => {
  it('are names that Azure takes, and different', () => {
    fc.assert(
      fc.property(place, (where) => {
        const { storage, serviceBus, eventHubs, cosmos } = sharedHosts(where);
        expect(storage.name).toMatch(/^[a-z0-9]{3,24}$/);
        for (const { name } of [serviceBus, eventHubs]) {
          expect(name).toMatch(/^(?=.{6,50}$)[a-z][a-z0-9-]*[a-z0-9]$/);
          expect(name).not.toMatch(/--|-sb$|-mgmt$/);
        }
        expect(cosmos.name).toMatch(/^(?=.{3,44}$)[a-z0-9]+(?:-[a-z0-9]+)*$/);
        expect(new Set([serviceBus.name, eventHubs.name, cosmos.name]).size).toBe(3);
        for (const { id } of [storage, serviceBus, eventHubs, cosmos]) {
          expect(parseArmId(id)?.kind).toBeDefined();
        }
      }),
    );
  });

  it('differ by app, stage, group and subscription', () => {
    const name = (change: object): string => sharedHosts({ ...TARGET, ...change }).storage.name;
    const names = [
      name({}),
      name({ resourceGroup: 'other' }),
      name({ subscriptionId: 'other' }),
      name({ ref: { ...TARGET.ref, stage: 'prod' } }),
      name({ ref: { app: 'shop-d', stage: 'ev', name: 'orders' } }),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(name({ ref: { ...TARGET.ref, name: 'other' } })).toBe(names[0]);
  });

  it('of buses are names that Event Grid takes', () => {
    fc.assert(
      fc.property(place, fc.string({ minLength: 1, maxLength: 128 }), (where, bus) => {
        expect(sharedBus(where, bus).name).toMatch(/^(?=.{3,50}$)[a-z0-9][a-z0-9-]*[a-z0-9]$/);
      }),
    );
    expect(sharedBus(TARGET, 'a.b').name).not.toBe(sharedBus(TARGET, 'a b').name);
  });
});

describe('names of what is between', () => {
  it('are names that Azure takes', () => {
    fc.assert(
      fc.property(bindingId, (id) => {
        expect(ownQueueName(id)).toMatch(/^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/);
        expect(subscriptionName({ physicalName: 'x'.repeat(32) }, id)).toMatch(/^[a-z0-9-]{3,50}$/);
        // Environment variables of Linux, and names of app settings.
        expect(bindingSetting(id, 'QUEUE')).toMatch(/^POLYFAAS_B_[A-Z0-9_]+_QUEUE$/);
      }),
    );
    expect(connectionName('storage', GROUP)).toMatch(/^POLYFAAS_C_QUEUES_[A-Z2-7]{8}$/);
    expect(connectionName('storage', GROUP.toUpperCase())).toBe(connectionName('storage', GROUP));
  });

  it('put a system topic beside its account', () => {
    const account = `/subscriptions/${SUBSCRIPTION}/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/shopdata`;
    expect(systemTopicId(account)).toBe(
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/data/providers/Microsoft.EventGrid/systemTopics/shopdata-polyfaas`,
    );
  });

  it('keep roles readable', () => {
    const need = { scope: `${GROUP}/x#y`, roleId: ROLE.queueContributor };
    expect(parseRoleKey(roleKey(need))).toEqual(need);
    expect(parseRoleKey('nothing')).toBeUndefined();
  });
});

describe('resource ids', () => {
  it.each([
    ['Microsoft.Storage/storageAccounts/a/queueServices/default/queues/q', 'storageQueue', 'q'],
    ['microsoft.storage/STORAGEACCOUNTS/a/blobservices/default/containers/c', 'container', 'c'],
    ['Microsoft.ServiceBus/namespaces/n/queues/q', 'serviceBusQueue', 'q'],
    ['Microsoft.ServiceBus/namespaces/n/topics/t', 'topic', 't'],
    ['Microsoft.EventHub/namespaces/n/eventhubs/h', 'hub', 'h'],
    ['Microsoft.DocumentDB/databaseAccounts/a/sqlDatabases/d/containers/c', 'table', 'c'],
    ['Microsoft.EventGrid/topics/t', 'bus', 't'],
    ['Microsoft.Web/sites/s', undefined, 's'],
  ])('%s is a %s', (rest, kind, name) => {
    const id = `${GROUP}/providers/${rest}`;
    expect(parseArmId(id)?.kind).toBe(kind);
    expect(plainName(id)).toBe(name);
  });

  it.each(['orders', '/subscriptions/x', `${GROUP}/providers/Microsoft.Storage/storageAccounts`])(
    '%s is none',
    (text) => {
      expect(parseArmId(text)).toBeUndefined();
    },
  );
});
