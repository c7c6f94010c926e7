import { describe, expect, it } from 'vitest';
import { CAPABILITY_KEYS } from 'polyfaas/spi';
import { CAPABILITIES } from '../../../providers/gcp/capabilities.ts';
import { physicalNameOf, placeOf } from '../../../providers/gcp/place.ts';
import { platformOf } from './spec.ts';

describe('what Google Cloud can do', () => {
  it('has a row for everything, and says why not', () => {
    expect(Object.keys(CAPABILITIES.features).toSorted()).toStrictEqual(
      [...CAPABILITY_KEYS].toSorted(),
    );
    for (const row of Object.values(CAPABILITIES.features)) {
      expect(row.support === 'none' ? row.why : row.via).toMatch(/\S{3}/);
    }
  });

  it('keeps what travels within what the services take', () => {
    const { limits } = CAPABILITIES;
    expect(limits.syncPayloadBytes).toBeLessThan(32 * 1024 * 1024);
    // Base64 in JSON.
    expect((limits.asyncPayloadBytes * 4) / 3).toBeLessThan(10_000_000);
    expect(limits.envBytes).toBeLessThan(32_768);
  });
});

describe('names', () => {
  const where = { projectId: 'shop-project', location: 'europe-west3' };

  it('follow from the function, and from nothing else', () => {
    const place = placeOf({ app: 'shop', stage: 'dev', name: 'orders' }, where, platformOf());
    expect(place).toMatchObject({
      functionName: 'projects/shop-project/locations/europe-west3/functions/shop-dev-orders',
      serviceName: 'projects/shop-project/locations/europe-west3/services/shop-dev-orders',
      settingsSecret: 'projects/shop-project/secrets/polyfaas-shop-dev-orders',
      asyncTopic: 'projects/shop-project/topics/polyfaas-shop-dev-orders-async',
    });
    expect(place.accountId).toMatch(/^[a-z][a-z0-9-]{5,29}$/);
  });

  it('are those that were chosen', () => {
    const ref = { app: 'shop', stage: 'dev', name: 'orders' };
    expect(physicalNameOf(ref, { orders: 'orders-eu' })).toBe('orders-eu');
    expect(placeOf(ref, where, { functionIds: { orders: 'orders-eu' } }).settingsSecret).toBe(
      'projects/shop-project/secrets/polyfaas-orders-eu',
    );
  });

  it('put the domain of a project where addresses have it', () => {
    const ref = { app: 'shop', stage: 'dev', name: 'orders' };
    const place = placeOf(ref, { ...where, projectId: 'example.com:shop' }, platformOf());
    expect(place.ownServiceAccount).toMatch(/@shop\.example\.com\.iam\.gserviceaccount\.com$/);
  });
});
