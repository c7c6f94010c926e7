import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Breaker } from '../../../src/targets/breaker.ts';

const OPTIONS = { maxFailures: 3, recoveryMs: 10_000 };

function breaker(): { readonly one: Breaker; pass(ms: number): void } {
  let now = 0;
  const one = new Breaker(OPTIONS, { now: () => now });
  return { one, pass: (ms) => void (now += ms) };
}

function fail(one: Breaker): void {
  expect(one.begin()).toBe(true);
  one.failed();
}

describe('a breaker', () => {
  it('opens after so many failures in a row', () => {
    const { one } = breaker();
    fail(one);
    fail(one);
    expect(one.isOpen).toBe(false);
    fail(one);
    expect(one.isOpen).toBe(true);
    expect(one.begin()).toBe(false);
  });

  it('forgets failures with a success', () => {
    const { one } = breaker();
    for (let round = 0; round < 5; round += 1) {
      fail(one);
      fail(one);
      expect(one.begin()).toBe(true);
      one.succeeded();
    }
    expect(one.isOpen).toBe(false);
  });

  it('lets one look at a time, after its pause, and pauses longer after each that fails', () => {
    const { one, pass } = breaker();
    for (let count = 0; count < 3; count += 1) fail(one);
    expect(one.shouldLook()).toBe(false);
    pass(10_000);
    expect(one.shouldLook()).toBe(true);
    expect(one.shouldLook()).toBe(false);
    one.looked(false);
    pass(10_000);
    expect(one.shouldLook()).toBe(false);
    pass(10_000);
    expect(one.shouldLook()).toBe(true);
    one.looked(true);
    expect(one.isOpen).toBe(false);
    expect(one.begin()).toBe(true);
  });

  it('does not take a late answer from before for a recovery', () => {
    const { one } = breaker();
    for (let count = 0; count < 4; count += 1) expect(one.begin()).toBe(true);
    for (let count = 0; count < 3; count += 1) one.failed();
    one.succeeded();
    expect(one.isOpen).toBe(true);
  });

  it('never has more calls under way than failures are left, once it is suspect', () => {
    type Act = 'begin' | 'succeed' | 'fail';
    const acts = fc.array(fc.constantFrom<Act[]>('begin', 'succeed', 'fail'), { maxLength: 60 });
    fc.assert(
      fc.property(acts, (all) => {
        const { one } = breaker();
        let underWay = 0;
        let failures = 0;
        for (const act of all) {
          if (act === 'begin') {
            const before = underWay;
            if (!one.begin()) continue;
            underWay += 1;
            if (failures > 0) expect(before).toBeLessThan(OPTIONS.maxFailures - failures);
          } else if (underWay > 0) {
            underWay -= 1;
            if (act === 'succeed') {
              one.succeeded();
              if (!one.isOpen) failures = 0;
            } else {
              one.failed();
              failures += 1;
            }
          }
        }
      }),
    );
  });
});
