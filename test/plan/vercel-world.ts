/** A reading of the Vercel adapter's plans that sends nothing: what planning leads to. */
import { digestOf, type ArtifactManifest, type FunctionRef } from 'polyfaas/spi';
import type { VercelObserved } from '../../providers/vercel/model.ts';
import { projectName } from '../../providers/vercel/names.ts';
import {
  platformSettings,
  type VercelFunctionOptions,
  type VercelOptions,
} from '../../providers/vercel/options.ts';
import { createPlanners } from '../../providers/vercel/plan/index.ts';
import { presentVersions } from '../../providers/vercel/plan/versions.ts';
import { deployRequest, type PlainWish } from '../support/plan/deploy-request.ts';
import { simulatedWorld, type SimulatedWorld } from '../support/plan/simulated-world.ts';
import { EMPTY_STATE, keptOf, perform, type State } from './vercel-platform.ts';

const identity = { account: 'team_1', region: 'fra1' };
const ref: FunctionRef = { app: 'shop', stage: 'dev', name: 'orders' };

export interface Wish extends Omit<PlainWish, 'providerOptions' | 'handles'> {
  readonly vercel?: VercelFunctionOptions;
  readonly handles?: ArtifactManifest['handles'];
}

export type World = SimulatedWorld<Wish, VercelObserved, State>;

const HANDLES: ArtifactManifest['handles'] = ['invoke', 'http', 'schedule', 'queue', 'topic'];

/** With Vercel Queues, unless they are not to be used. */
export function vercelWorld(
  options: VercelOptions & VercelFunctionOptions = {},
  { queues = true }: { readonly queues?: boolean } = {},
): World {
  const given = { team: identity.account, ...(queues ? { queues: 'beta' } : {}), ...options };
  const base = { ref, identity };
  return simulatedWorld({
    planners: createPlanners(platformSettings(given, identity.region, {})),
    base,
    empty: EMPTY_STATE,
    observe,
    perform,
    requestOf({ vercel, handles = HANDLES, ...wish }: Wish) {
      const declared = { ...wish, ...(vercel ? { providerOptions: { vercel } } : {}) };
      return deployRequest(base, declared, { handles, entryFile: 'index.mjs' });
    },
    stranger(state) {
      const name = projectName(ref);
      state.project = { id: 'prj_theirs', name, production: 'dpl_theirs', hasBypass: false };
      state.deployments = [
        {
          id: 'dpl_theirs',
          host: 'theirs.vercel.app',
          digest: null,
          version: null,
          state: 'READY',
          hasServed: true,
          keys: 0,
        },
      ];
      state.variables = [{ key: 'THEIRS', targets: ['production'] }];
    },
  });
}

function observe(state: State, isFull: boolean): VercelObserved {
  const { project, variables, deployments } = state;
  const kept = keptOf(state);
  const isStranger = project !== null && kept === null;
  const base: VercelObserved = {
    token: project === null ? 'absent' : digestOf({ kept, project, variables }),
    description: undefined,
    physicalName: projectName(ref),
    isStranger,
    isOwned: kept !== null,
    project: project && {
      id: project.id,
      production: project.production,
      aliases: project.production === null ? [] : [`${project.name}.vercel.app`],
      lastAliasRequest: null,
      hasBypass: project.hasBypass,
    },
    variables:
      project &&
      variables.map(({ key, targets }) => ({ id: `env_${key}`, key, type: 'encrypted', targets })),
    kept,
    deployments: isFull
      ? deployments.map(({ id, state: readyState, digest }) => ({ id, state: readyState, digest }))
      : null,
  };
  return isStranger || kept === null ? base : { ...base, description: describe(base, kept) };
}

function describe(
  observed: VercelObserved,
  { record }: NonNullable<VercelObserved['kept']>,
): NonNullable<VercelObserved['description']> {
  const { live, kept } = presentVersions(record, observed);
  const { bindings } = record;
  const hasRoute = bindings.some(({ event }) => event.type === 'http' && event.enabled);
  const [host] = observed.project?.aliases ?? [];
  return {
    ...ref,
    provider: 'vercel',
    region: identity.region,
    physicalName: observed.physicalName,
    liveVersion: live?.version ?? null,
    versions: kept.map(({ version, createdAt, digest, config }) => ({
      version,
      createdAt: createdAt ?? '',
      digest,
      handles: config.handles,
      memoryMb: config.memoryMb,
      timeoutSeconds: config.timeoutSeconds,
    })),
    bindings,
    url: live && hasRoute && host !== undefined ? `https://${host}` : null,
  };
}
