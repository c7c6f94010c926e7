import { describe as about, expect, it } from 'vitest';
import { describe } from '../../../providers/vercel/observe/description.ts';
import { platformSettings } from '../../../providers/vercel/options.ts';
import { placeOf } from '../../../providers/vercel/place.ts';
import { appliedSettings, encodeApplied } from '../../../providers/vercel/plan/applied.ts';
import { http } from '../../support/bindings.ts';
import { NAME, record, REF } from './world.ts';

const OWN = `${NAME}.vercel.app`;

/** @param domain that the function declared */
function urlOf(
  aliases: readonly string[],
  domain: string | null = null,
  given: object = {},
): string | null {
  const project = { id: 'prj_1', production: 'dpl_1', aliases, lastAliasRequest: null };
  const settings = encodeApplied(
    appliedSettings({ async: null, keyId: 'k1', keys: 0, tags: {}, domain }),
  );
  const place = placeOf(REF, platformSettings(given, undefined, {}));
  const kept = record({ bindings: [http('web')], settings });
  return describe(place, { ...project, hasBypass: false }, kept, {
    live: 'v1',
    originOf: (host) => `https://${host}`,
  }).url;
}

about('the address of a function', () => {
  const aliases = [`${NAME}-acme.vercel.app`, 'api.example.com', OWN, 'eu.example.com'];

  it("is Vercel's own, the shortest, where none is declared", () => {
    expect(urlOf(aliases)).toBe(`https://${OWN}`);
    expect(urlOf([`${NAME}-git-main-acme.vercel.app`, `${NAME}-acme.vercel.app`])).toBe(
      `https://${NAME}-acme.vercel.app`,
    );
    expect(urlOf(['only.example.com'])).toBe('https://only.example.com');
    expect(urlOf([])).toBeNull();
  });

  it('is the declared domain, of the function before that for all, once it leads there', () => {
    expect(urlOf(aliases, 'api.example.com')).toBe('https://api.example.com');
    expect(urlOf(aliases, null, { domain: 'eu.example.com' })).toBe('https://eu.example.com');
    const both = urlOf(aliases, 'api.example.com', { domain: 'eu.example.com' });
    expect(both).toBe('https://api.example.com');
    expect(urlOf(aliases, 'not-yet.example.com')).toBe(`https://${OWN}`);
  });
});
