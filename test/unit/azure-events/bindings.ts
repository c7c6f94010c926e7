/** Bindings and wishes that the tests plan with. */
import type { Binding } from 'polyfaas/spi';
import type { BindingWish } from '../../../providers/azure/events/types.ts';
import type { Target } from '../../../providers/azure/model.ts';
import { platformSettings } from '../../../providers/azure/options.ts';
import { EMPTY_RECORD, type FunctionRecord } from '../../../providers/azure/record.ts';
import {
  bucket,
  bus,
  http,
  queue,
  schedule,
  stream,
  table,
  topic,
} from '../../support/bindings.ts';

export * from '../../support/bindings.ts';

export const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/polyfaas-shop-dev`;
export const SITE = 'shop-dev-orders-abcdefgh';

export const TARGET: Target = {
  ref: { app: 'shop', stage: 'dev', name: 'orders' },
  physicalName: SITE,
  subscriptionId: SUBSCRIPTION,
  resourceGroup: 'polyfaas-shop-dev',
  location: 'westeurope',
  siteId: `${GROUP}/providers/Microsoft.Web/sites/${SITE}`,
  storageAccount: 'pfshopordersabcdefgh',
  identityId: `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${SITE}`,
  principalId: { $from: 'identity.principalId' },
  clientId: { $from: 'identity.clientId' },
};

export function record(change: Partial<FunctionRecord> = {}): FunctionRecord {
  return { ...EMPTY_RECORD, ...change };
}

/** @param options as under `providerOptions.azure`. */
export function platform(options: object = {}) {
  return platformSettings({ subscriptionId: SUBSCRIPTION, ...options }, 'westeurope', {});
}

export function wish(bindings: readonly Binding[], change: Partial<BindingWish> = {}): BindingWish {
  return {
    target: TARGET,
    identity: { account: SUBSCRIPTION, region: 'westeurope' },
    platform: platform(),
    plan: 'flex',
    record: EMPTY_RECORD,
    bindings,
    timeoutSeconds: 30,
    ...change,
  };
}

/** One of each kind. */
export const ONE_OF_EACH: readonly Binding[] = [
  queue('q', { deadLetter: 'orders-dead' }),
  topic('t', { deadLetter: 'users-dead' }),
  bucket('o'),
  stream('s', { deadLetter: 'clicks-dead' }),
  table('d'),
  bus('b'),
  schedule('c'),
  http('h'),
];
