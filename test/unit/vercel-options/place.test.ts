import { describe, expect, it } from 'vitest';
import { namesPrefix, projectName } from '../../../providers/vercel/names.ts';
import { platformSettings } from '../../../providers/vercel/options.ts';
import { physicalNameOf, placeOf } from '../../../providers/vercel/place.ts';

const REF = { app: 'shop', stage: 'dev', name: 'orders' };

describe('where a function is', () => {
  it('follows from its name, or is what was chosen', () => {
    const settings = platformSettings(
      { team: 'acme', domain: 'api.example.com', projectNames: { pay: 'billing' } },
      'eu-central',
      {},
    );
    expect(placeOf(REF, settings)).toStrictEqual({
      ref: REF,
      team: 'acme',
      region: 'fra1',
      physicalName: 'shop-dev-orders',
      domain: 'api.example.com',
    });
    expect(physicalNameOf({ ...REF, name: 'pay' }, settings.projectNames)).toBe('billing');
    expect(physicalNameOf({ ...REF, name: 'toString' }, {})).toMatch(/^shop-dev-tostring-/);
  });

  it('begins the same for all functions of an app and stage', () => {
    const scopes = [
      { app: 'shop', stage: 'dev' },
      { app: 'a---b', stage: 'x' },
      { app: 'a'.repeat(40), stage: 's'.repeat(20) },
      { app: '4ever', stage: 'p-r' },
    ];
    for (const scope of scopes) {
      const prefix = namesPrefix(scope);
      expect(prefix).not.toBe('');
      for (const name of ['a', 'Orders', 'a_b', '_x', '-y', 'n'.repeat(40)]) {
        expect(projectName({ ...scope, name })).toMatch(new RegExp(`^${prefix}`));
      }
    }
  });
});
