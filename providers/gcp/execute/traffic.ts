/** Where requests go: tags of versions, and the one that gets all traffic. */
import { again, type CallContext, keptOf, type StepResult, turnOf } from 'polyfaas/spi';
import type { Executor } from '../model.ts';
import type { RetireVersionsInput, TagInput, TrafficInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import type { GcpClients } from '../clients/index.ts';
import { listAt } from '../clients/json.ts';
import { ifThere } from '../errors.ts';
import { refuseLost } from './lost-revision.ts';
import { refuseOthers } from './secret.ts';
import { begun, changeService, operationUnderWay } from './service.ts';
import { sharesOf, tagsOf, trafficWish } from './traffic-wish.ts';
import { isThere, keeping, withoutMissing } from './without-missing.ts';

export const tagRevision: Executor = async (gcp, step, call) => {
  const { service, revision, tag, live } = inputOf<TagInput>(step);
  const own = { revision, tag };
  const found = await withoutMissing(call, revision, async (missing) =>
    changeService(gcp, call, {
      service,
      mask: 'traffic',
      stage: 'giving the version its address',
      wish(present) {
        const others = tagsOf(present).filter((one) => one.tag !== tag);
        // What serves may be another than the record's live one: somebody moved the traffic by hand.
        const latest = live === null || missing.includes(live) ? revision : live;
        return trafficWish(
          present,
          [...others.filter(isThere(missing)), own],
          sharesOf(present, latest),
        );
      },
    }),
  );
  if ('done' in found) return found;
  const url = found.tagUrls[tag];
  if (url === undefined) return again(call, { stage: 'waiting for the address of the version' });
  return { done: true, output: { url, ingress: found.ingress } };
};

export const moveTraffic: Executor = async (gcp, step, call) => {
  const input = inputOf<TrafficInput>(step);
  const { service, revision, tags, expected, secret, mayBeGone } = input;
  const found = await withoutMissing(call, revision, async (missing) =>
    changeService(gcp, call, {
      service,
      mask: 'traffic',
      stage: 'moving the traffic',
      wish: (present) => trafficWish(present, tags.filter(isThere(missing)), { [revision]: 100 }),
      // Whoever claimed the record since goes on.
      async check() {
        await refuseOthers(gcp, secret, expected, call);
        if (mayBeGone) await refuseLost(gcp, input, call);
      },
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
