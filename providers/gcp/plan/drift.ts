/** What a full reading tells besides: whether somebody else changed the service. */
import { isReachedFrom, type Ingress } from '../ingress.ts';
import type { GcpObserved } from '../model.ts';
import { tagOf } from '../names.ts';
import type { VersionNote } from '../record.ts';

export interface Drift {
  readonly traffic: boolean;
  readonly access: boolean;
  readonly scale: boolean;
  readonly ingress: boolean;
}

/** No drift when nothing was read. */
export function driftOf(
  { service }: Pick<GcpObserved, 'service'>,
  wish: {
    readonly live: VersionNote | undefined;
    readonly kept: readonly VersionNote[];
    readonly isPublic: boolean;
    /** Deliveries are signed as it. */
    readonly caller: string;
    readonly minInstances: number;
    /** Null: it is not known what was declared. */
    readonly ingress: Ingress | null;
  },
): Drift {
  const { live, kept, isPublic, caller, minInstances, ingress } = wish;
  if (service === null || live === undefined) {
    return { traffic: false, access: false, scale: false, ingress: false };
  }
  const share = service.traffic
    .filter(({ revision }) => revision === live.revision)
    .reduce((sum, { percent }) => sum + percent, 0);
  const lacksTag = kept.some(
    ({ version, revision }) =>
      !service.traffic.some((one) => one.tag === tagOf(version) && one.revision === revision),
  );
  return {
    traffic: share !== 100 || lacksTag || !service.isAsWished,
    access: service.isPublic !== isPublic || !service.callers.includes(`serviceAccount:${caller}`),
    scale: service.minInstances !== minInstances,
    ingress: ingress !== null && !isReachedFrom(service.ingress, ingress),
  };
}
