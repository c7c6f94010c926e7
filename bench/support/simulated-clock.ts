/** A clock for a fake that lives in real time, or faster: what takes a minute in a cloud takes a moment here. */
export interface SimulatedClock {
  now(): number;
  after(delayMs: number, callback: () => void): () => void;
  /** Time passes so many times as fast from now on. Timers that wait keep their pace. */
  setSpeed(speed: number): void;
}

export function simulatedClock(initialSpeed: number): SimulatedClock {
  let speed = initialSpeed;
  let base = Date.now();
  let since = base;
  return {
    now: () => base + (Date.now() - since) * speed,
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs / speed);
      return () => clearTimeout(timer);
    },
    setSpeed(next) {
      base += (Date.now() - since) * speed;
      since = Date.now();
      speed = next;
    },
  };
}
