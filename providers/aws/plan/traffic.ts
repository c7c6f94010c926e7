/** Which version gets the traffic, and whether that has to change. */
import type { Step } from 'polyfaas/spi';
import type { AwsObserved, Target } from '../model.ts';
import { moveStep } from './version.ts';
import type { VersionWish } from './wish.ts';

/** A version has to be made, or one that is there gets other traffic, or all is as wished. */
export type Traffic = 'publish' | 'move' | 'same';

/** Whether a version has to be made, only to be given other traffic, or nothing. */
export function trafficOf(wish: VersionWish, { live, isStranger, actual }: AwsObserved): Traffic {
  const note = live?.note;
  if (!live || !note || isStranger) return 'publish';
  const weight = wish.settings.canaryWeight;
  const { canary } = note;
  if (canary && canary.digest === wish.digest) {
    const isAsWished = weight !== null && weight < 1 && live.weights[canary.version] === weight;
    return isAsWished ? 'same' : 'move';
  }
  if (note.digest !== wish.digest) return 'publish';
  // What a version has can be changed by another version only.
  if ((actual?.foreign ?? []).length > 0) return 'publish';
  // A share that another version has is taken back.
  return Object.keys(live.weights).length === 0 && canary === null ? 'same' : 'move';
}

/** The new share of a version that has one already, or all of the traffic. */
export function promotion(
  target: Target,
  wish: VersionWish,
  observed: AwsObserved,
  changesCapacity: boolean,
): Step {
  const { live } = observed;
  const note = live?.note ?? wish.note;
  const { canary } = note;
  const weight = wish.settings.canaryWeight;
  if (canary?.digest === wish.digest && weight !== null && weight < 1) {
    return moveStep(target, observed, {
      version: live?.version ?? canary.version,
      note,
      share: { version: canary.version, weight },
      title: 'Change the share of the new version',
    });
  }
  if (canary?.digest === wish.digest) {
    return moveStep(target, observed, {
      version: canary.version,
      note: { ...wish.note, version: canary.version, newest: note.newest },
      changesCapacity,
      title: 'Give the version all of the traffic',
    });
  }
  return moveStep(target, observed, {
    version: live?.version ?? '',
    note: { ...note, canary: null },
    changesCapacity,
    title: 'Give the live version all of the traffic',
  });
}

export function versionOf(wish: VersionWish, { live }: AwsObserved): string {
  const canary = live?.note?.canary;
  return canary?.digest === wish.digest ? canary.version : (live?.version ?? '');
}
