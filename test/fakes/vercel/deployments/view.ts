/** Deployments as the API shows them. */
import { createHash } from 'node:crypto';
import type { World } from '../core/ports.ts';
import type { Project, ProjectStore } from '../projects/store.ts';
import { stateOf, type Deployment } from './deployment.ts';

const CREATOR = { uid: 'fake', username: 'polyfaas', email: 'polyfaas@example.com' };

export interface ViewParts {
  readonly world: World;
  readonly store: ProjectStore;
}

/** Of `GET /v13/deployments/{id}`. */
export function shown({ world, store }: ViewParts, deployment: Deployment): object {
  const { id, projectId, projectName, host, meta, target, regions, outcome } = deployment;
  const project = store.find(projectId);
  const state = stateOf(deployment, world.clock.now());
  const isReady = state === 'READY';
  return {
    id,
    name: projectName,
    projectId,
    ...(project && { project: { id: projectId, name: project.name, framework: null } }),
    version: 2,
    type: 'LAMBDAS',
    source: 'cli',
    plan: world.plan.tier,
    prebuilt: true,
    public: false,
    ownerId: world.teamId,
    team: { id: world.teamId, name: 'polyfaas', slug: 'polyfaas-fake' },
    creator: CREATOR,
    createdIn: 'iad1',
    inspectorUrl: `https://vercel.com/polyfaas-fake/${projectName}/${id.slice('dpl_'.length)}`,
    meta,
    env: [],
    build: { env: [] },
    projectSettings: { framework: null },
    target: target === 'production' ? target : null,
    regions,
    url: host,
    ...aliasesOf(project, deployment, isReady),
    ...timesOf(deployment, world.clock.now()),
    ...stateFields(deployment, state),
    routes: isReady && outcome.kind === 'ready' ? outcome.ready.routes : null,
    ...(isReady && outcome.kind === 'ready' && { crons: outcome.ready.crons }),
    buildSkipped: false,
    isInConcurrentBuildsQueue: false,
    isInSystemBuildsQueue: state === 'QUEUED',
  };
}

/** Of lists, and of `targets` and `latestDeployments` of a project. */
export function shownShort(
  { world, store }: ViewParts,
  deployment: Deployment,
): Readonly<Record<string, unknown>> {
  const { id, projectId, projectName, host, meta, target, createdAt } = deployment;
  const state = stateOf(deployment, world.clock.now());
  const project = store.find(projectId);
  const { buildingAt, ready } = timesOf(deployment, world.clock.now());
  return {
    uid: id,
    name: projectName,
    projectId,
    url: host,
    created: createdAt,
    createdAt,
    source: 'cli',
    state,
    type: 'LAMBDAS',
    creator: CREATOR,
    inspectorUrl: `https://vercel.com/polyfaas-fake/${projectName}/${id.slice('dpl_'.length)}`,
    meta,
    target: target === 'production' ? target : null,
    aliasError: null,
    aliasAssigned: state === 'READY' ? deployment.endsAt : null,
    isRollbackCandidate: deployment.hasServed && project?.productionId !== id,
    buildingAt,
    ...(ready !== undefined && { ready }),
    ...stateFields(deployment, state),
  };
}

/** Of `targets.production` of a project. */
export function shownTarget(parts: ViewParts, project: Project, deployment: Deployment): object {
  const { uid, state: _, ...rest } = shownShort(parts, deployment);
  return { id: uid, ...rest, alias: project.aliases, aliasAssigned: deployment.endsAt };
}

function aliasesOf(
  project: Project | undefined,
  { id, autoAssign, endsAt }: Deployment,
  isReady: boolean,
): object {
  return {
    alias: project?.productionId === id ? project.aliases : [],
    aliasAssigned: isReady,
    aliasAssignedAt: isReady ? endsAt : null,
    aliasError: null,
    autoAssignCustomDomains: autoAssign,
  };
}

function timesOf(
  deployment: Deployment,
  now: number,
): {
  readonly createdAt: number;
  readonly bootedAt: number;
  readonly buildingAt: number;
  readonly ready?: number;
  readonly canceledAt?: number;
} {
  const { createdAt, buildingAt, endsAt, canceledAt } = deployment;
  return {
    createdAt,
    bootedAt: buildingAt,
    buildingAt,
    ...(stateOf(deployment, now) === 'READY' && { ready: endsAt }),
    ...(canceledAt !== null && { canceledAt }),
  };
}

function stateFields(deployment: Deployment, state: string): object {
  const { target, hasServed, outcome } = deployment;
  const isProduction = target === 'production' && state === 'READY';
  return {
    readyState: state,
    status: state,
    ...(isProduction && { readySubstate: hasServed ? 'PROMOTED' : 'STAGED' }),
    ...(state === 'ERROR' &&
      outcome.kind === 'failed' && {
        errorCode: outcome.failure.code,
        errorMessage: outcome.failure.message,
        errorStep: 'buildStep',
      }),
  };
}

interface TreeNode {
  readonly name: string;
  readonly type: 'directory' | 'file';
  readonly mode: number;
  readonly uid?: string;
  readonly children?: TreeNode[];
}

/** Of `GET /v6/deployments/{id}/files`. */
export function treeOf({ files }: Deployment): readonly TreeNode[] {
  const root: TreeNode[] = [];
  for (const { path, mode, content } of files) {
    const names = path.split('/');
    const name = names.pop() ?? '';
    const place = names.reduce(folderIn, root);
    if (content === 'folder') folderIn(place, name);
    else {
      const uid =
        'data' in content ? createHash('sha1').update(content.data).digest('hex') : content.sha;
      place.push({ name, type: 'file', mode, uid });
    }
  }
  return root;
}

function folderIn(place: TreeNode[], name: string): TreeNode[] {
  const found = place.find((node) => node.name === name)?.children;
  if (found) return found;
  const children: TreeNode[] = [];
  place.push({ name, type: 'directory', mode: 0o040_755, children });
  return children;
}
