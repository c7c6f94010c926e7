/** What the traffic of a service is, and what has to be written so that it is as it should be. Pure. */
import type { JsonObject, JsonValue } from 'polyfaas/spi';
import type { TaggedRevision } from '../steps.ts';
import type { PresentService, TrafficTarget } from './service.ts';

type Flow = Pick<
  PresentService,
  'traffic' | 'served' | 'isReconciling' | 'hasFailed' | 'latestReady'
>;

/** Where requests go, or are about to. A change that failed leaves its wish behind, and nothing goes there. */
export function inForce({
  traffic,
  served,
  isReconciling,
  hasFailed,
}: Flow): readonly TrafficTarget[] {
  return isReconciling || !hasFailed || served.length === 0 ? traffic : served;
}

/** The tags that there are, each with its revision. */
export function tagsOf(present: Flow): readonly TaggedRevision[] {
  return inForce(present).flatMap(({ revision, tag }) =>
    tag === null ? [] : [{ revision: revision ?? present.latestReady, tag }],
  );
}

/** How much each revision gets. @param latest what "the latest" stands for */
export function sharesOf(
  present: Flow,
  latest: string = present.latestReady,
): Readonly<Record<string, number>> {
  const shares: Record<string, number> = {};
  for (const { revision, percent } of inForce(present)) {
    const name = revision ?? latest;
    if (percent > 0) shares[name] = (shares[name] ?? 0) + percent;
  }
  return shares;
}

/**
 * False when a change has failed, and what is wished is not what serves. Of a service that is well the two are the same,
 * in whatever words Cloud Run says it.
 */
export function isAsWished({
  traffic,
  served,
  isReconciling,
  hasFailed,
}: Omit<Flow, 'latestReady'>): boolean {
  return isReconciling || !hasFailed || textOf(traffic) === textOf(served);
}

/**
 * The traffic as a body; undefined when it is so. Nothing follows "the latest": that would move by itself.
 *
 * After a change that failed the wish may be there word for word: it is written again all the same. That Cloud Run tries
 * anew then, and does not take it for no change, is not verified.
 */
export function trafficWish(
  present: Flow,
  tags: readonly TaggedRevision[],
  shares: Readonly<Record<string, number>>,
): JsonObject | undefined {
  const left = { ...shares };
  const tagged = tags.map(({ revision, tag }): TrafficTarget => {
    const percent = left[revision] ?? 0;
    delete left[revision];
    return { revision, percent, tag };
  });
  const untagged = Object.entries(left).map(([revision, percent]): TrafficTarget => ({
    revision,
    percent,
    tag: null,
  }));
  const wish = [...untagged, ...tagged];
  if (textOf(wish) === textOf(present.traffic) && isAsWished(present)) return undefined;
  return {
    traffic: wish.map(({ revision, percent, tag }) => ({
      type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION',
      revision,
      ...(percent === 0 ? {} : { percent }),
      ...(tag === null ? {} : { tag }),
    })),
  };
}

/** The same for the same traffic, whatever the order of its parts and how they are put together. */
function textOf(traffic: readonly TrafficTarget[]): string {
  const lines = traffic.flatMap(({ revision, percent, tag }) => [
    ...(percent > 0 ? [`${percent} ${revision ?? 'the latest'}`] : []),
    ...(tag === null ? [] : [`tag ${tag} ${revision ?? 'the latest'}`]),
  ]);
  return lines.toSorted().join('\n');
}

/** What serves, as what is wished: undefined where it is, and where nothing of it is left. @param missing revisions */
export function trafficAsServed(
  present: Flow,
  missing: readonly JsonValue[],
): JsonObject | undefined {
  if (isAsWished(present)) return undefined;
  const isThere = (revision: string): boolean => !missing.includes(revision);
  const shares = Object.entries(sharesOf(present)).filter(([revision]) => isThere(revision));
  const sum = shares.reduce((total, [, percent]) => total + percent, 0);
  if (sum !== 100) return undefined;
  const tags = tagsOf(present).filter(({ revision }) => isThere(revision));
  return trafficWish(present, tags, Object.fromEntries(shares));
}
