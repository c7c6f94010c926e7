/** Moments as the host's JSON has them. */

/** A `DateTime` that knows no zone, which is what extensions make of the times of their services. */
export function zonelessTime(at: number): string {
  // Zeros at the end of the seconds are left out, and the point with them.
  return new Date(at)
    .toISOString()
    .slice(0, -1)
    .replace(/\.?0+$/, '');
}

/** A `DateTimeOffset` in UTC. */
export function offsetTime(at: number): string {
  return `${zonelessTime(at)}+00:00`;
}
