'use strict';

/**
 * Code of the function sees the platform's time, which the tests move.
 *
 * @param coversInstances whether `new Date().constructor` is what sees that time, too
 * @returns what sets it, in milliseconds since the epoch.
 */
function livePlatformTime(coversInstances) {
  const Real = Date;
  /** How far the platform's time is ahead of the machine's. */
  let aheadMs = 0;
  /** The latest that was told. */
  let latestMs = -Infinity;
  const now = () => Real.now() + aheadMs;
  globalThis.Date = new Proxy(Real, {
    apply: () => new Real(now()).toString(),
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  });
  if (coversInstances) Real.prototype.constructor = globalThis.Date;
  return (nowMs) => {
    // Requests and messages come by ways of their own: what was told before them may come after them.
    if (nowMs < latestMs) return;
    latestMs = nowMs;
    aheadMs = nowMs - Real.now();
  };
}

module.exports = { livePlatformTime };
