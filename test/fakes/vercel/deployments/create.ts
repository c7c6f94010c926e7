/** `POST /v13/deployments`: what comes of it is worked out at once, and shows with the time. */
import { join } from 'node:path';
import { badRequest, notFound, VercelFault } from '../core/fault.ts';
import type { ReadyDeployment, RestCall, World } from '../core/ports.ts';
import { newId } from '../projects/ids.ts';
import type { Project, ProjectStore } from '../projects/store.ts';
import { variablesFor } from '../projects/variables.ts';
import { BuildFailure } from './build/failure.ts';
import { limitsOf, REGIONS, USUAL_REGION } from './build/limits.ts';
import { checkOutput } from './build/output.ts';
import { BUILDING_MS, QUEUED_MS, type BuildOutcome, type Deployment } from './deployment.ts';
import type { FileStore } from './files.ts';
import type { DeploymentRegistry } from './registry.ts';
import { deploymentWish, type DeploymentWish } from './request.ts';

export interface CreateParts {
  readonly world: World;
  readonly store: ProjectStore;
  readonly registry: DeploymentRegistry;
  readonly files: FileStore;
  /** Where deployments are built, each in a folder of its own. */
  readonly folder: string;
  /** Opens the project's production address, when it is not open yet. */
  openAlias(project: Project): Promise<void>;
}

const ID_LENGTH = 28;

/** Resolves to the deployment, which is not in the registry yet. */
export async function create(parts: CreateParts, call: RestCall): Promise<Deployment> {
  const { world, store, registry, files } = parts;
  const wish = deploymentWish(call.query, call.body);
  const project = projectOf(store, wish);
  const missing = files.missing(wish.files);
  if (missing.length > 0) {
    throw new VercelFault(400, 'missing_files', 'Missing files', { fields: { missing } });
  }
  const odd = wish.regions.find((region) => !REGIONS.has(region));
  if (odd !== undefined) throw badRequest(`Invalid region: "${odd}"`);

  const id = newId('dpl_', ID_LENGTH);
  const folder = join(parts.folder, id);
  const variables = variablesFor(store, project.id, wish.target);
  await files.materialise(folder, wish.files);
  const ready = { id, projectId: project.id, projectName: project.name, target: wish.target };
  const outcome = await outcomeOf(world, { folder, wish, variables, ready });
  if (wish.target === 'production') await parts.openAlias(project);
  const host = await world.edge.openHost();
  if (store.find(project.id) !== project) {
    await world.edge.closeHost(host);
    throw notFound('Project not found');
  }
  const now = world.clock.now();
  return {
    ...ready,
    meta: wish.meta,
    files: wish.files,
    folder,
    host,
    autoAssign: wish.autoAssign,
    regions: regionsOf(wish, outcome),
    createdAt: registry.nextCreatedAt(now),
    buildingAt: now + QUEUED_MS,
    endsAt: now + QUEUED_MS + BUILDING_MS,
    outcome,
    canceledAt: null,
    hasServed: false,
  };
}

/** Vercel makes the project of a first deployment; a client that does not want one by accident names it by `project`. */
function projectOf(store: ProjectStore, { project, name, hasSettings }: DeploymentWish): Project {
  const found = store.find(project ?? name);
  if (found) return found;
  if (project !== undefined || hasSettings) throw notFound('Project not found');
  throw new VercelFault(
    400,
    'missing_project_settings',
    'The `projectSettings` object is required for new projects, but is missing in the deployment payload',
  );
}

async function outcomeOf(
  { plan, failingBuilds }: World,
  {
    folder,
    wish,
    variables,
    ready,
  }: {
    readonly folder: string;
    readonly wish: DeploymentWish;
    readonly variables: Readonly<Record<string, string>>;
    readonly ready: Pick<ReadyDeployment, 'id' | 'projectId' | 'projectName' | 'target'>;
  },
): Promise<BuildOutcome> {
  const told = Object.values(wish.meta).find((value) => failingBuilds.has(value));
  const message = failingBuilds.get(told ?? '');
  if (message !== undefined) return { kind: 'failed', failure: new BuildFailure(message) };
  try {
    const output = await checkOutput(folder, limitsOf(plan.tier), variables);
    return { kind: 'ready', ready: { ...ready, ...output, variables } };
  } catch (error) {
    if (error instanceof BuildFailure) return { kind: 'failed', failure: error };
    throw error;
  }
}

function regionsOf({ regions }: DeploymentWish, outcome: BuildOutcome): readonly string[] {
  const used =
    outcome.kind === 'ready' ? outcome.ready.functions.flatMap((one) => one.regions) : [];
  const all = [...new Set([...regions, ...used])].toSorted();
  return all.length === 0 ? [USUAL_REGION] : all;
}
