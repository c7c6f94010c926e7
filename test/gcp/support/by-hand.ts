/** What somebody does to a function by hand, past polyfaas: calls of Google's interfaces that no test counts. */
import type { ApiName } from '../../fakes/gcp/core/ports.ts';
import { mapOf, textOf, type JsonMap } from '../../fakes/gcp/core/json.ts';
import { REGION, type Stage } from './stage.ts';

/** Longer than any change of a service takes. */
const CHANGE_MS = 10_000;

export function placeIn(stage: Stage): string {
  return `projects/${stage.fake.projectId}/locations/${REGION}`;
}

/** @param name of the function, in the app and stage of the tests. */
export function servicePath(stage: Stage, name: string): string {
  return `/v2/${placeIn(stage)}/services/shop-dev-${name}`;
}

export interface Hand {
  /** @throws Error for what Google refuses. */
  send(method: string, path: string, body?: object): Promise<JsonMap>;
  /** Changes a Cloud Run service, and waits until that has ended, well or not. */
  patchService(name: string, mask: string, body: object): Promise<void>;
}

export function byHand(stage: Stage, api: ApiName): Hand {
  const { world } = stage.fake;
  const send: Hand['send'] = async (method, path, body) => {
    const caller = world.identity.observer;
    const wish = { api, method, path, caller };
    const reply = await world.call(body === undefined ? wish : { ...wish, body });
    if (reply.status < 300) return mapOf(reply.body);
    throw new Error(`Google refused ${method} ${path}: ${JSON.stringify(reply.body)}`);
  };
  return {
    send,
    async patchService(name, mask, body) {
      await send('PATCH', `${servicePath(stage, name)}?updateMask=${mask}`, body);
      await settled(stage);
    },
  };
}

export async function settled(stage: Stage): Promise<void> {
  await stage.clock.advance(CHANGE_MS);
  await stage.fake.settle();
}

/** The Cloud Run service of a function. */
export function serviceOf(stage: Stage, name: string): Promise<JsonMap> {
  return byHand(stage, 'run').send('GET', servicePath(stage, name));
}

/** Deletes the revision that was made last so far, as a hand would: first its tags, then itself. */
export async function deleteRevision(stage: Stage, name: string, revision: string): Promise<void> {
  const hand = byHand(stage, 'run');
  const { traffic } = await serviceOf(stage, name);
  const left = (Array.isArray(traffic) ? traffic : []).filter(
    (one) => textOf(mapOf(one)['revision']) !== revision,
  );
  await hand.patchService(name, 'traffic', { traffic: left });
  await hand.send('DELETE', `${servicePath(stage, name)}/revisions/${revision}`);
  await settled(stage);
}

/** The short name of the revision that was made last. */
export async function latestRevision(stage: Stage, name: string): Promise<string> {
  const { latestReadyRevision } = await serviceOf(stage, name);
  return textOf(latestReadyRevision).split('/').at(-1) ?? '';
}
