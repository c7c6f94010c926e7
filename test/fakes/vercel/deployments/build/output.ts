/** Reads a build output as the vendor does, and checks what its reader lets pass. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mapOf, type JsonMap } from '../../core/json.ts';
import type { DeployedFunction } from '../../core/ports.ts';
import { checkedCrons, type Cron } from './crons.ts';
import { BuildFailure } from './failure.ts';
import { checkedFunction } from './functions.ts';
import { ENVIRONMENT_BYTES, type PlanLimits } from './limits.ts';
import { checkedRoutes, isReachable } from './routes.ts';
import { checkConsumers } from './triggers.ts';

export interface CheckedOutput {
  readonly routes: readonly JsonMap[];
  readonly crons: readonly Cron[];
  readonly functions: readonly DeployedFunction[];
}

/** https://vercel.com/docs/build-output-api/configuration */
const CONFIG_KEYS = new Set([
  'version',
  'routes',
  'images',
  'wildcard',
  'overrides',
  'cache',
  'crons',
  'framework',
  'deploymentId',
]);

/** Where Vercel builds: messages tell no folder of this machine. */
const BUILD_FOLDER = '/vercel/path0';

/**
 * @param folder with `.vercel/output` in it
 * @throws {BuildFailure}
 */
export async function checkOutput(
  folder: string,
  limits: PlanLimits,
  variables: Readonly<Record<string, string>> = {},
): Promise<CheckedOutput> {
  const outputDir = join(folder, '.vercel', 'output');
  const kinds = await readAsVendor(folder, outputDir);
  const config = mapOf(JSON.parse(await readFile(join(outputDir, 'config.json'), 'utf8')));
  const unknown = Object.keys(config).find((key) => !CONFIG_KEYS.has(key));
  if (unknown !== undefined) throw new BuildFailure(`"${unknown}" in config.json is not known.`);
  const odd = [...kinds].find(([, kind]) => kind !== 'Lambda' && !kind.startsWith('File'));
  if (odd) throw new BuildFailure(`"${odd[0]}" is of the type ${odd[1]}, which is not run here.`);

  const functionsDir = join(outputDir, 'functions');
  const names = [...kinds].filter(([, kind]) => kind === 'Lambda').map(([name]) => name);
  const functions = await Promise.all(
    names.toSorted().map((name) => checkedFunction(functionsDir, name, limits)),
  );
  checkConsumers(functions);
  for (const { name, environment } of functions) {
    checkEnvironment(name, { ...variables, ...environment });
  }
  const routes = checkedRoutes(config['routes']);
  const outputs = new Set(kinds.keys());
  const crons = checkedCrons(config['crons'], limits, (path) => isReachable(path, routes, outputs));
  return { routes, crons, functions };
}

/** The kind of each output, by its path. */
async function readAsVendor(
  repoRootPath: string,
  outputDir: string,
): Promise<ReadonlyMap<string, string>> {
  const vendor = await import('@vercel/build-utils');
  try {
    const { output } = await vendor.deserializeBuildOutput({
      outputDir,
      repoRootPath,
      deserializeLambda: vendor.deserializeLambda,
      groupLambdas: (lambdas) => Promise.resolve(lambdas),
    });
    return new Map(Object.entries(output).map(([name, { type }]) => [name, type]));
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    throw new BuildFailure(told.replaceAll(repoRootPath, BUILD_FOLDER));
  }
}

function checkEnvironment(name: string, variables: Readonly<Record<string, string>>): void {
  const bytes = Object.entries(variables)
    .map(([key, value]) => Buffer.byteLength(key) + Buffer.byteLength(value))
    .reduce((sum, size) => sum + size, 0);
  if (bytes <= ENVIRONMENT_BYTES) return;
  throw new BuildFailure(
    `The environment variables of "${name}" have ${bytes} bytes; the limit is 64 KB.`,
    'environment_too_large',
  );
}
