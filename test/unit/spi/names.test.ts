import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NameRule } from '../../../src/spi/capabilities.ts';
import { physicalName } from '../../../src/spi/names.ts';

const lambda: NameRule = { maxLength: 64, characters: 'A-Za-z0-9_-', lowerCase: false };
const site: NameRule = { maxLength: 32, characters: 'a-z0-9-', globallyUnique: true };

const lettered: NameRule = { maxLength: 24, characters: 'a-z0-9-', startsWithLetter: true };

const slug = fc.stringMatching(/^[a-z][a-z0-9-]{0,39}$/);
const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/);
const ref = fc.record({ app: slug, stage: slug, name });
const anyText = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });
const digitFirst = fc.stringMatching(/^[0-9][a-z0-9-]{0,39}$/);
const anyRef = fc.record({ app: fc.oneof(slug, digitFirst, anyText), stage: slug, name: anyText });

describe('physicalName', () => {
  it('is the readable slug where the platform takes it', () => {
    expect(physicalName({ app: 'shop', stage: 'dev', name: 'orders' }, lambda)).toBe(
      'shop-dev-orders',
    );
  });

  it('adds a hash when it had to change, cut, or be unique in the world', () => {
    const ugly = physicalName({ app: 'shop', stage: 'dev', name: 'Über_long'.repeat(1) }, site);
    expect(ugly).toMatch(/^shop-dev-.*-[a-z2-7]{8}$/);
    expect(physicalName({ app: 'shop', stage: 'dev', name: 'orders' }, site)).toMatch(
      /^shop-dev-orders-[a-z2-7]{8}$/,
    );
  });

  it('always fits the rule, and is always the same', () => {
    fc.assert(
      fc.property(ref, fc.constantFrom(lambda, site), (one, rule) => {
        const made = physicalName(one, rule);
        expect(made.length).toBeLessThanOrEqual(rule.maxLength);
        expect(made).toMatch(new RegExp(`^[${rule.characters}]+$`));
        expect(physicalName({ ...one }, rule)).toBe(made);
      }),
    );
  });

  it('puts a letter first only where the rule asks for one, and then adds a hash', () => {
    const orders = { app: '1shop', stage: 'dev', name: 'orders' };
    const rule: NameRule = { maxLength: 64, characters: 'a-z0-9-' };
    expect(physicalName(orders, rule)).toBe('1shop-dev-orders');
    expect(physicalName(orders, { ...rule, startsWithLetter: true })).toMatch(
      /^f1shop-dev-orders-[a-z2-7]{8}$/,
    );
    expect(physicalName({ ...orders, app: 'shop' }, { ...rule, startsWithLetter: true })).toBe(
      'shop-dev-orders',
    );
  });

  it('begins with a letter and fits, whatever the parts are', () => {
    fc.assert(
      fc.property(anyRef, (one) => {
        const made = physicalName(one, lettered);
        expect(made).toMatch(/^[a-z][a-z0-9-]*$/);
        expect(made.length).toBeLessThanOrEqual(lettered.maxLength);
        const plain = [one.app, one.stage, one.name].join('-');
        if (made !== plain) expect(made).toMatch(/-[a-z2-7]{8}$/);
      }),
    );
  });

  it('keeps different functions apart, also where one begins with the letter that the other is given', () => {
    fc.assert(
      fc.property(digitFirst, slug, name, (app, stage, functionName) => {
        const parts = { stage, name: functionName };
        const given = physicalName({ app, ...parts }, lettered);
        expect(given).not.toBe(physicalName({ app: `f${app}`, ...parts }, lettered));
      }),
    );
  });

  it('keeps different functions apart wherever it hashes', () => {
    fc.assert(
      fc.property(ref, ref, (a, b) => {
        const isSame = a.app === b.app && a.stage === b.stage && a.name === b.name;
        expect(physicalName(a, site) === physicalName(b, site)).toBe(isSame);
      }),
    );
  });
});
