/** `GET /v6/deployments`: newest first, filtered, by pages. */
import { badRequest } from '../core/fault.ts';
import type { WireReply } from '../core/ports.ts';
import { stateOf, type Deployment } from './deployment.ts';
import type { DeploymentRegistry } from './registry.ts';
import { shownShort, type ViewParts } from './view.ts';

const KEYS = new Set([
  'teamId',
  'slug',
  'app',
  'projectId',
  'target',
  'state',
  'since',
  'until',
  'limit',
  'rollbackCandidate',
]);
const META = 'meta-';
const USUAL_LIMIT = 20;
const MOST = 100;

export function list(
  parts: ViewParts & { readonly registry: DeploymentRegistry },
  query: URLSearchParams,
): WireReply {
  const unknown = [...query.keys()].find((key) => !KEYS.has(key) && !key.startsWith(META));
  if (unknown !== undefined) {
    throw badRequest(`Invalid request: should NOT have additional property \`${unknown}\`.`);
  }
  const limit = numberOf(query, 'limit') ?? USUAL_LIMIT;
  if (limit < 1 || limit > MOST) {
    throw badRequest(`Invalid request: \`limit\` should be from 1 to ${MOST}.`);
  }
  const found = parts.registry.all.filter((one) => isAskedFor(parts, query, one)).toReversed();
  const page = found.slice(0, limit);
  const [first] = page;
  const last = page.at(-1);
  return {
    status: 200,
    body: {
      deployments: page.map((one) => shownShort(parts, one)),
      pagination: {
        count: page.length,
        next: found.length > page.length ? (last?.createdAt ?? null) : null,
        prev: first?.createdAt ?? null,
      },
    },
  };
}

function isAskedFor(
  { world, store }: ViewParts,
  query: URLSearchParams,
  deployment: Deployment,
): boolean {
  const { projectId, projectName, target, createdAt, meta, hasServed } = deployment;
  const project = query.get('projectId');
  const states = query.get('state')?.toUpperCase().split(',');
  const candidates = query.get('rollbackCandidate');
  const isCandidate = hasServed && store.find(projectId)?.productionId !== deployment.id;
  const wishes = [
    project === null || store.find(project)?.id === projectId,
    (query.get('app') ?? projectName) === projectName,
    (query.get('target') ?? target) === target,
    !states || states.includes(stateOf(deployment, world.clock.now())),
    createdAt < (numberOf(query, 'until') ?? Number.POSITIVE_INFINITY),
    createdAt > (numberOf(query, 'since') ?? Number.NEGATIVE_INFINITY),
    candidates === null || (candidates === 'true') === isCandidate,
    [...query].every(
      ([key, value]) => !key.startsWith(META) || meta[key.slice(META.length)] === value,
    ),
  ];
  return wishes.every(Boolean);
}

function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw badRequest(`Invalid request: \`${name}\` should be number.`);
}
