/** Going back to a version, deleting old ones, and removing all of it. */
import { readDeployment } from '../../engine/outcome.ts';
import { checkHandles, checkRoutes, requireCapability } from '../../engine/preflight.ts';
import { ServerlessError } from '../../errors/index.ts';
import { noSuchVersion } from '../../spi/not-found.ts';
import type { FunctionRef } from '../../spi/plan.ts';
import type { FunctionDescription } from '../../spi/provider.ts';
import { checkInteger, checkVersion } from '../arguments.ts';
import type { ApplyOptions, Deployment, Pruning, Removal } from '../types.ts';
import type { OperationParts } from './parts.ts';

export async function rollback(
  { engine }: OperationParts,
  ref: FunctionRef,
  options: ApplyOptions & { readonly version?: string | undefined },
): Promise<Deployment> {
  const { provider } = engine;
  requireCapability(provider, { key: 'deploy.rollback', path: 'rollback' }, ref.name);
  if (options.version !== undefined) checkVersion(options.version);
  const identity = await engine.identify(options.signal);
  const { observed, description } = await engine.present(ref, options.signal);
  const target = rollbackTarget(provider.id, description, options.version);
  checkHandles(provider.id, ref.name, target.handles, description.bindings);
  checkRoutes(provider, ref.name, target.timeoutSeconds, description.bindings);
  const plan = provider.plan.rollback({ ref, identity, version: target.version }, observed);
  return readDeployment(plan, await engine.run(plan, options));
}

export async function remove(
  { engine }: OperationParts,
  ref: FunctionRef,
  options: ApplyOptions,
): Promise<Removal> {
  const identity = await engine.identify(options.signal);
  const asked = { leftovers: true, versions: false } as const;
  const observed = await engine.observe(ref, options.signal, asked);
  const plan = engine.provider.plan.remove({ ref, identity }, observed);
  const { warnings } = await engine.run(plan, options);
  return { removed: plan.steps.length > 0, warnings };
}

export async function prune(
  { engine, settings }: OperationParts,
  ref: FunctionRef,
  options: ApplyOptions & { readonly keepVersions?: number | undefined },
): Promise<Pruning> {
  const declared = settings.functions.get(ref.name);
  const kept = declared && settings.normalize(ref.name, declared).spec.keepVersions;
  const wish = options.keepVersions ?? kept ?? 5;
  const keepVersions = checkInteger('keepVersions', wish, 1, 100);
  const identity = await engine.identify(options.signal);
  const { observed } = await engine.present(ref, options.signal);
  const plan = engine.provider.plan.prune({ ref, identity, keepVersions }, observed);
  const { result, warnings } = await engine.run(plan, options);
  const removed = result['removedVersions'];
  return { removedVersions: Array.isArray(removed) ? removed.map(String) : [], warnings };
}

function rollbackTarget(
  provider: string,
  description: FunctionDescription,
  version: string | undefined,
): FunctionDescription['versions'][number] {
  const target =
    version === undefined
      ? previousVersion(description)
      : description.versions.find((one) => one.version === version);
  if (target) return target;
  const kept = description.versions.map((one) => one.version);
  if (version !== undefined) throw noSuchVersion(provider, description, version, kept);
  const { name, liveVersion } = description;
  const newer = kept.filter((one) => one !== liveVersion);
  const next =
    newer.length === 0
      ? 'Deploy an earlier source instead.'
      : `Name one to go forward again, of ${newer.join(', ')}: rollback('${name}', { version: '${newer[0]}' }).`;
  throw new ServerlessError({
    code: 'NOT_FOUND',
    provider,
    function: name,
    message: `"${name}" keeps no version that is older than the live one, ${liveVersion}. ${next}`,
  });
}

/**
 * Never a newer one than the live one: that may have been left for a reason a moment ago, by somebody else or by a call
 * that is repeated now; or it was never live, for its deploy was stopped. A live version of no known time is the newest:
 * its deploy ended before it noted that it serves.
 */
function previousVersion({
  versions,
  liveVersion,
}: FunctionDescription): FunctionDescription['versions'][number] | undefined {
  const live = versions.find(({ version }) => version === liveVersion);
  const others = versions
    .filter((one) => one !== live)
    .toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  if (!live || Date.parse(live.createdAt) === 0) return others[0];
  return others.find((one) => one.createdAt < live.createdAt);
}
