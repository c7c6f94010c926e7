import type { AwsObserved } from '../model.ts';
import { rollsFrom } from '../rolling.ts';
import { driftOf } from './drift.ts';

/** The newest version that ever had traffic: "0" for none, null where that is not known. */
export function newestServed(observed: AwsObserved): string | null {
  const { live, isStranger, record } = observed;
  if (isStranger) return null;
  if (live) return live.note?.newest ?? null;
  // Without bindings, an alias that was deleted looks like one that never was.
  return driftOf(observed).isAliasLost && record.bindings.length > 0 ? null : '0';
}

/** The version that serves: the live one, or the one before it until Lambda gives the live one its traffic. */
export function servingOf(live: AwsObserved['live']): string | null {
  return live && (rollsFrom(live.weights) ?? live.version);
}
