/** Where requests go: tags of versions, and the one that gets all traffic. */
import {
  again,
  type CallContext,
  type JsonArray,
  type JsonObject,
  keptOf,
  type StepResult,
  turnOf,
  type Waiting,
} from 'polyfaas/spi';
import type { Executor } from '../model.ts';
import type { RetireVersionsInput, TaggedRevision, TagInput, TrafficInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import type { GcpClients } from '../clients/index.ts';
import { listAt, objectAt } from '../clients/json.ts';
import { errorMessage, ifThere } from '../errors.ts';
import { refuseOthers } from './secret.ts';
import {
  begun,
  changeService,
  operationUnderWay,
  type PresentService,
  type TrafficTarget,
} from './service.ts';

export const tagRevision: Executor = async (gcp, step, call) => {
  const { service, revision, tag, live } = inputOf<TagInput>(step);
  const own = { revision, tag };
  const found = await changeService(gcp, call, {
    service,
    mask: 'traffic',
    stage: 'giving the version its address',
    wish: (present) =>
      trafficWish(present, [...tagsOf(present).filter((one) => one.tag !== tag), own], {
        [live ?? revision]: 100,
      }),
  });
  if ('done' in found) return found;
  const url = found.tagUrls[tag];
  if (url === undefined) return again(call, { stage: 'waiting for the address of the version' });
  return { done: true, output: { url } };
};

export const moveTraffic: Executor = async (gcp, step, call) => {
  const { service, revision, tags, expected, secret } = inputOf<TrafficInput>(step);
  const found = await withoutMissing(call, revision, async (missing) =>
    changeService(gcp, call, {
      service,
      mask: 'traffic',
      stage: 'moving the traffic',
      wish: (present) => trafficWish(present, tags.filter(isThere(missing)), { [revision]: 100 }),
      // Whoever claimed the record since goes on.
      check: () => refuseOthers(gcp, secret, expected, call),
    }),
  );
  return 'done' in found ? found : { done: true, output: { url: found.url } };
};

export const retireVersions: Executor = async (gcp, step, call) => {
  const input = inputOf<RetireVersionsInput>(step);
  const { service, keep } = input;
  if (keptOf(call)['doomed'] !== undefined) return deleteRevisions(gcp, service, call);
  const found = await withoutMissing(call, null, async (missing) =>
    changeService(gcp, call, {
      service,
      mask: 'traffic',
      stage: 'taking the addresses of old versions',
      wish: (present) => trafficWish(present, keep.filter(isThere(missing)), sharesOf(present)),
    }),
  );
  if ('done' in found) return found;
  // Cloud Run refuses to delete the latest revision, and those that get traffic.
  const serving = new Set([found.latestCreated, ...Object.keys(sharesOf(found))]);
  const doomed = input.delete.filter((revision) => !serving.has(revision));
  return deleteRevisions(gcp, service, turnOf(call, { doomed }));
};

/**
 * A version that is kept may have lost its revision to somebody who deleted it by hand: then it gets no tag, and stands in
 * no other version's way.
 *
 * @param wanted the revision that the step is about, which has to be there.
 */
async function withoutMissing(
  call: CallContext,
  wanted: string | null,
  change: (missing: JsonArray) => Promise<Waiting | PresentService>,
): Promise<Waiting | PresentService> {
  const missing = listAt(keptOf(call), 'missing');
  try {
    const found = await change(missing);
    return 'done' in found && missing.length > 0 ? keeping(found, { missing }) : found;
  } catch (error) {
    const [, name] = MISSING.exec(errorMessage(error)) ?? [];
    if (name === undefined || name === wanted || missing.includes(name)) throw error;
    return again(call, {
      stage: 'leaving out a deleted version',
      keep: { missing: [...missing, name] },
    });
  }
}

const MISSING = /Revision '([\w-]+)' does not exist or is deleted/i;

function isThere(missing: JsonArray): (one: TaggedRevision) => boolean {
  return ({ revision }) => !missing.includes(revision);
}

/** Deletes one revision after the other, each by an operation; `doomed` is what is left to do. */
async function deleteRevisions(
  gcp: GcpClients,
  service: string,
  call: CallContext,
): Promise<StepResult> {
  const stage = 'deleting old versions';
  const doomed = listAt(keptOf(call), 'doomed');
  const running = await operationUnderWay(gcp, call, stage);
  if (running) return keeping(running, { doomed });
  for (const [index, revision] of doomed.entries()) {
    if (typeof revision !== 'string') continue;
    const path = `/v2/${service}/revisions/${revision}`;
    const reply = await ifThere(
      gcp.rest({ api: 'run', method: 'DELETE', path, signal: call.signal }),
    );
    if (reply !== undefined) {
      return keeping(begun(reply, stage), { doomed: doomed.slice(index + 1) });
    }
  }
  return { done: true };
}

function keeping(waiting: Waiting, more: JsonObject): Waiting {
  return { ...waiting, resume: { ...objectAt(waiting.resume), ...more } };
}

/** The tags that there are, each with its revision. */
function tagsOf({ traffic, latestReady }: PresentService): readonly TaggedRevision[] {
  return traffic.flatMap(({ revision, tag }) =>
    tag === null ? [] : [{ revision: revision ?? latestReady, tag }],
  );
}

/** How much each revision gets. */
function sharesOf({ traffic, latestReady }: PresentService): Readonly<Record<string, number>> {
  const shares: Record<string, number> = {};
  for (const { revision, percent } of traffic) {
    const name = revision ?? latestReady;
    if (percent > 0) shares[name] = (shares[name] ?? 0) + percent;
  }
  return shares;
}

/** The traffic as a body; undefined when it is so. Nothing follows "the latest": that would move by itself. */
export function trafficWish(
  present: PresentService,
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
  if (textOf(wish) === textOf(present.traffic)) return undefined;
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
