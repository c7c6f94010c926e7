import { describeLane, originOf } from './lane.ts';
import type { EventParts, Lane, LaneName } from './lane.ts';

/** What is removed: the binding alone, or the function with all that it has. */
export type Removed = 'binding' | 'function';

/** How many events a removed binding, or function, leaves behind. */
export interface Left {
  /** Went to the dead letter that they name. */
  readonly kept: number;
  /** Name none. */
  readonly dropped: number;
  /** Are being handled, and end as they would have. */
  readonly underWay: number;
}

export const NOTHING_LEFT: Left = { kept: 0, dropped: 0, underWay: 0 };

/**
 * Whether what is under way ends before anybody decides about it. With the function its instances go, and a process
 * that died before left deliveries that nobody makes any more.
 */
export function endsFirst(lane: Lane, what: Removed): boolean {
  return what === 'binding' && lane.inFlight > 0;
}

/** Says aloud, once for each lane, what its removal does to the events that it had not handled. */
export function warnOfLeft(
  { warn, tell }: EventParts,
  lane: LaneName,
  lefts: readonly Left[],
): void {
  const sum = (count: (left: Left) => number): number =>
    lefts.reduce((total, left) => total + count(left), 0);
  const kept = sum((left) => left.kept);
  const dropped = sum((left) => left.dropped);
  const underWay = sum((left) => left.underWay);
  if (kept + dropped + underWay === 0) return;
  if (dropped > 0) {
    tell(
      lane.ref,
      `${dropped} events of ${originOf(lane)} were dropped: they still waited when the binding was removed, and it names no deadLetter.`,
      { origin: originOf(lane), dropped },
    );
  }
  const ending =
    underWay === 0 ? '' : ` ${underWay} are being handled, and go the same way if they fail.`;
  warn(
    `Events of ${originOf(lane)} still waited for the function "${lane.ref.name}" when it, or its binding, was removed: ${kept} went to the dead letter that they name, ${dropped} name none and were dropped.${ending}`,
    { ...describeLane(lane), kept, dropped, underWay },
  );
}
