import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Breaker, type Leave } from '../../../src/targets/breaker.ts';

const OPTIONS = { maxFailures: 3, recoveryMs: 10_000 };

function breaker(): { readonly one: Breaker; pass(ms: number): void } {
  let now = 0;
  const one = new Breaker(OPTIONS, { now: () => now });
  return { one, pass: (ms) => void (now += ms) };
}

function fail(one: Breaker): void {
  expect(one.begin()).toBe('call');
  one.failed('call');
}

describe('a breaker', () => {
  it('opens after so many failures in a row', () => {
    const { one } = breaker();
    fail(one);
    fail(one);
    expect(one.isOpen).toBe(false);
    fail(one);
    expect(one.isOpen).toBe(true);
    expect(one.begin()).toBeUndefined();
  });

  it('forgets failures with a success', () => {
    const { one } = breaker();
    for (let round = 0; round < 5; round += 1) {
      fail(one);
      fail(one);
      expect(one.begin()).toBe('call');
      one.succeeded('call');
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
    one.looked('down');
    pass(10_000);
    expect(one.shouldLook()).toBe(false);
    pass(10_000);
    expect(one.shouldLook()).toBe(true);
    one.looked('back');
    expect(one.isOpen).toBe(false);
    expect(one.begin()).toBe('call');
  });

  it('does not take a late answer from before for a recovery', () => {
    const { one } = breaker();
    for (let count = 0; count < 4; count += 1) expect(one.begin()).toBe('call');
    for (let count = 0; count < 3; count += 1) one.failed('call');
    one.succeeded('call');
    expect(one.isOpen).toBe(true);
  });

  /** An open one whose look could not tell. */
  function untold(): ReturnType<typeof breaker> {
    const made = breaker();
    for (let count = 0; count < 3; count += 1) fail(made.one);
    made.pass(10_000);
    expect(made.one.shouldLook()).toBe(true);
    made.one.looked('none');
    return made;
  }

  const ends: readonly (readonly [string, (one: Breaker, leave: Leave) => void, boolean])[] = [
    ['succeeds: it is closed', (one, leave) => one.succeeded(leave), false],
    ['fails: it stays open', (one, leave) => one.failed(leave), true],
    ['says nothing: it stays open', (one, leave) => one.gone(leave), true],
  ];
  it.each(ends)('lets one call try where a look could not tell. It %s', (_what, end, isOpen) => {
    const { one } = untold();
    expect(one.begin()).toBe('trial');
    expect(one.begin()).toBeUndefined();
    expect(one.shouldLook()).toBe(false);
    end(one, 'trial');
    expect(one.isOpen).toBe(isOpen);
  });

  it('asks for another trial after one that said nothing, and waits longer after one that failed', () => {
    const { one, pass } = untold();
    expect(one.begin()).toBe('trial');
    one.gone('trial');
    expect(one.begin()).toBe('trial');
    one.failed('trial');
    expect(one.begin()).toBeUndefined();
    pass(10_000);
    expect(one.shouldLook()).toBe(false);
    pass(10_000);
    expect(one.shouldLook()).toBe(true);
  });

  it('is not opened again by a look that ends after a call was answered', () => {
    const { one, pass } = breaker();
    for (let count = 0; count < 3; count += 1) fail(one);
    pass(10_000);
    expect(one.shouldLook()).toBe(true);
    one.looked('back');
    one.looked('down');
    expect(one.isOpen).toBe(false);
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
            if (one.begin() === undefined) continue;
            underWay += 1;
            if (failures > 0) expect(before).toBeLessThan(OPTIONS.maxFailures - failures);
          } else if (underWay > 0) {
            underWay -= 1;
            if (act === 'succeed') {
              one.succeeded('call');
              if (!one.isOpen) failures = 0;
            } else {
              one.failed('call');
              failures += 1;
            }
          }
        }
      }),
    );
  });
});
