import { describeLane, originOf } from './lane.ts';
import type { EventParts, Lane } from './lane.ts';

/** How many events a removed binding, or function, leaves behind. */
export interface Left {
  /** Went to the dead letter that they name. */
  readonly kept: number;
  /** Name none. */
  readonly dropped: number;
}

export const NOTHING_LEFT: Left = { kept: 0, dropped: 0 };

/** Says aloud, once for each lane, what its removal does to the events that it had not handled. */
export function warnOfLeft({ warn }: EventParts, lane: Lane, lefts: readonly Left[]): void {
  const sum = (count: (left: Left) => number): number =>
    lefts.reduce((total, left) => total + count(left), 0);
  const kept = sum((left) => left.kept);
  const dropped = sum((left) => left.dropped);
  if (kept + dropped === 0) return;
  warn(
    `Events of ${originOf(lane)} still waited for the function "${lane.ref.name}" when it, or its binding, was removed: ${kept} went to the dead letter that they name, ${dropped} name none and were dropped.`,
    { ...describeLane(lane), kept, dropped },
  );
}
