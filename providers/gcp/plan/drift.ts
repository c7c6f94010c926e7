/** What a full reading tells besides: whether somebody else changed the service. */
import type { GcpObserved } from '../model.ts';
import { tagOf } from '../names.ts';
import type { VersionNote } from '../record.ts';

export interface Drift {
  readonly traffic: boolean;
  readonly access: boolean;
  readonly scale: boolean;
}

/** No drift when nothing was read. */
export function driftOf(
  { service }: Pick<GcpObserved, 'service'>,
  wish: {
    readonly live: VersionNote | undefined;
    readonly kept: readonly VersionNote[];
    readonly isPublic: boolean;
    readonly minInstances: number;
  },
): Drift {
  const { live, kept, isPublic, minInstances } = wish;
  if (service === null || live === undefined) {
    return { traffic: false, access: false, scale: false };
  }
  const share = service.traffic
    .filter(({ revision }) => revision === live.revision)
    .reduce((sum, { percent }) => sum + percent, 0);
  const lacksTag = kept.some(
    ({ version, revision }) =>
      !service.traffic.some((one) => one.tag === tagOf(version) && one.revision === revision),
  );
  return {
    traffic: share !== 100 || lacksTag,
    access: service.isPublic !== isPublic,
    scale: service.minInstances !== minInstances,
  };
}
