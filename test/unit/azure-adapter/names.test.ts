import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  groupName,
  guidOf,
  insightsName,
  placeOf,
  siteName,
  storageAccountName,
} from '../../../providers/azure/names.ts';
import { normalLocation, regionOf, regionProblem } from '../../../providers/azure/region.ts';

const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';
const ref = { app: 'shop', stage: 'dev', name: 'orders' };

const word = fc.stringMatching(/^[A-Za-z@][A-Za-z0-9/_.-]{0,60}$/);
const refs = fc.record({ app: word, stage: word, name: word });

describe('names', () => {
  it('are readable', () => {
    expect(siteName(ref, SUBSCRIPTION)).toMatch(/^shop-dev-orders-[a-z2-7]{8}$/);
    expect(storageAccountName(ref, SUBSCRIPTION)).toMatch(/^pfshoporders[a-z2-7]{8}$/);
    expect(groupName(ref)).toBe('polyfaas-shop-dev');
    expect(insightsName(ref)).toMatch(/^polyfaas-shop-dev-[a-z2-7]{8}$/);
  });

  it('fit whatever the app, stage and function are called', () => {
    fc.assert(
      fc.property(refs, (one) => {
        expect(siteName(one, SUBSCRIPTION)).toMatch(/^(?=.{2,32}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])$/);
        expect(storageAccountName(one, SUBSCRIPTION)).toMatch(/^[a-z0-9]{3,24}$/);
        expect(groupName(one)).toMatch(/^(?=.{1,90}$)[\w()-]+$/);
        expect(insightsName(one)).toMatch(/^(?=.{4,63}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])$/);
      }),
    );
  });

  it('differ for functions that look alike once they are joined, and for subscriptions', () => {
    const other = { app: 'shop-dev', stage: 'orders', name: 'x' };
    const same = { app: 'shop', stage: 'dev-orders', name: 'x' };
    expect(siteName(other, SUBSCRIPTION)).not.toBe(siteName(same, SUBSCRIPTION));
    expect(siteName(ref, SUBSCRIPTION)).not.toBe(siteName(ref, SUBSCRIPTION.replace('1', '2')));
  });

  it('take the one that is chosen', () => {
    expect(siteName(ref, SUBSCRIPTION, { orders: 'my-orders' })).toBe('my-orders');
    expect(siteName({ ...ref, name: 'toString' }, SUBSCRIPTION, {})).toMatch(/^shop-dev-tostring-/);
  });

  it('place everything in one group', () => {
    const place = placeOf(ref, SUBSCRIPTION, { resourceGroup: 'mine', siteNames: {} });
    const group = `/subscriptions/${SUBSCRIPTION}/resourceGroups/mine/providers/`;
    for (const id of [place.siteId, place.planId, place.ownIdentityId, place.ownStorageId]) {
      expect(id.startsWith(group)).toBe(true);
    }
  });

  it('of role assignments are GUIDs of version 5 that follow from their parts', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const guid = guidOf(a, b);
        expect(guid).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
        expect(guidOf(a, b)).toBe(guid);
        if (a !== b) expect(guidOf(b, a)).not.toBe(guid);
      }),
    );
  });
});

describe('regions', () => {
  it('are portable, native, or of the environment', () => {
    expect(regionOf('eu-central', {})).toBe('germanywestcentral');
    expect(regionOf('West Europe', {})).toBe('westeurope');
    expect(regionOf('westeurope', {})).toBe('westeurope');
    expect(regionOf(undefined, { AZURE_LOCATION: 'North Europe' })).toBe('northeurope');
    expect(regionOf(undefined, {})).toBeUndefined();
    expect(regionProblem('us-east-1', {})?.message).toMatch(/"us-east-1".*"westeurope"/);
    expect(regionProblem(undefined, { AZURE_LOCATION: 'eu_west' })?.path).toBe('AZURE_LOCATION');
    for (const name of ['eu-central', 'West Europe', 'eastus2euap', 'usgovvirginia', undefined]) {
      expect(regionProblem(name, {})).toBeUndefined();
    }
    expect(normalLocation('East US 2')).toBe('eastus2');
  });
});
