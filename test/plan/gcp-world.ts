/** A reading of the Google adapter's plans that sends nothing: what planning leads to. */
import type { ArtifactManifest, FunctionRef } from 'polyfaas/spi';
import type { GcpFunctionOptions, GcpOptions } from '../../providers/gcp/options.ts';
import { ingressInCloudRun } from '../../providers/gcp/ingress.ts';
import type { GcpObserved } from '../../providers/gcp/model.ts';
import { observedOf } from '../../providers/gcp/observe.ts';
import { functionOf } from '../../providers/gcp/observe/function.ts';
import { secretOf } from '../../providers/gcp/observe/secret.ts';
import { platformSettings } from '../../providers/gcp/options.ts';
import { placeOf } from '../../providers/gcp/place.ts';
import { createPlanners } from '../../providers/gcp/plan/index.ts';
import { RECORD_ANNOTATION } from '../../providers/gcp/record.ts';
import { deployRequest, type PlainWish } from '../support/plan/deploy-request.ts';
import { simulatedWorld, type SimulatedWorld } from '../support/plan/simulated-world.ts';
import { EMPTY_STATE, perform, URL_OF_SERVICE, type State } from './gcp-platform.ts';

const identity = {
  account: 'shop-project',
  region: 'europe-west3',
  details: { projectNumber: '123456789012' },
};
const ref: FunctionRef = { app: 'shop', stage: 'dev', name: 'orders' };

export interface Wish extends Omit<PlainWish, 'providerOptions' | 'handles'> {
  readonly gcp?: GcpFunctionOptions;
  readonly handles?: ArtifactManifest['handles'];
}

export type World = SimulatedWorld<Wish, GcpObserved, State>;

const HANDLES: ArtifactManifest['handles'] = [
  'invoke',
  'http',
  'schedule',
  'queue',
  'topic',
  'object',
  'table',
  'bus',
];

export function gcpWorld(
  options: GcpOptions & GcpFunctionOptions = {},
  region = identity.region,
): World {
  const settings = platformSettings({ projectId: identity.account, ...options }, region, {});
  const base = { ref, identity: { ...identity, region } };
  return simulatedWorld({
    planners: createPlanners(settings),
    base,
    empty: EMPTY_STATE,
    observe: (state, isFull) => observe(state, settings, region, isFull),
    perform,
    requestOf({ gcp, handles = HANDLES, ...wish }: Wish) {
      const declared = { ...wish, ...(gcp ? { providerOptions: { gcp } } : {}) };
      return deployRequest(base, declared, { handles });
    },
    stranger(state) {
      state.function = {
        state: 'ACTIVE',
        environment: 'GEN_2',
        hasService: true,
        labels: { owner: 'somebody' },
        updates: 7,
      };
      state.made = 1;
      state.service = {
        revisions: ['theirs-00001-abc'],
        traffic: [{ revision: 'theirs-00001-abc', percent: 100, tag: null }],
        minInstances: 0,
        ingress: 'ALLOW_ALL',
        isPublic: false,
        callers: [],
      };
    },
  });
}

function observe(
  state: State,
  settings: ReturnType<typeof platformSettings>,
  region: string,
  isFull: boolean,
): GcpObserved {
  const place = placeOf(ref, { projectId: identity.account, location: region }, settings);
  const { function: found, secret, service } = state;
  const observed = observedOf(
    place,
    found && {
      state: found.state,
      service: found.hasService ? place.serviceName : null,
      url: found.hasService ? URL_OF_SERVICE : null,
      labels: found.labels,
      environment: found.environment,
      serviceAccount: place.ownServiceAccount,
      updateTime: new Date(found.updates * 1000).toISOString(),
      built: functionOf(found.wish ?? {}).built,
    },
    secret === null
      ? undefined
      : secretOf(
          {
            name: place.settingsSecret,
            etag: String(secret.etag),
            labels: secret.labels,
            annotations: { [RECORD_ANNOTATION]: secret.annotation },
          },
          place.settingsSecret,
          ref,
        ),
  );
  if (!isFull || observed.isStranger) return observed;
  return {
    ...observed,
    leftovers: secret === null && state.account ? ['serviceAccount'] : [],
    service: service && {
      etag: '1',
      minInstances: service.minInstances,
      traffic: service.traffic,
      isAsWished: true,
      revisions: service.revisions,
      ingress: ingressInCloudRun(service.ingress),
      isPublic: service.isPublic,
      callers: service.callers,
    },
  };
}
