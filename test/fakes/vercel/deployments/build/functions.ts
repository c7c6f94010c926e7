/** The `.func` folders of an output, beyond what the vendor's own reader sees. */
import { lstat, readdir, realpath, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMap, mapOf, textOf, type JsonMap } from '../../core/json.ts';
import type { DeployedFunction } from '../../core/ports.ts';
import { BuildFailure } from './failure.ts';
import {
  FUNCTION_PATH_LENGTH,
  LEAST_MEMORY_MB,
  REGIONS,
  RUNTIMES,
  UNPACKED_BYTES,
  USUAL_CONCURRENCY,
  USUAL_DURATION_SECONDS,
  USUAL_MEMORY_MB,
  USUAL_REGION,
  type PlanLimits,
} from './limits.ts';
import { checkedTriggers } from './triggers.ts';

/** Of `SerializedNodejsLambda` in `@vercel/build-utils`. */
const KEYS = new Set([
  'runtime',
  'handler',
  'launcherType',
  'shouldAddHelpers',
  'shouldAddSourcemapSupport',
  'supportsResponseStreaming',
  'supportsCancellation',
  'memory',
  'maxDuration',
  'maxConcurrency',
  'regions',
  'functionFailoverRegions',
  'architecture',
  'environment',
  'experimentalTriggers',
  'framework',
  'operationType',
  'useWebApi',
]);

export async function checkedFunction(
  functionsDir: string,
  name: string,
  limits: PlanLimits,
): Promise<DeployedFunction> {
  if (name.length > FUNCTION_PATH_LENGTH) {
    throw new BuildFailure(
      `The path of the function "${name}" has more than ${FUNCTION_PATH_LENGTH} characters.`,
      'function_path_too_long',
    );
  }
  // A folder may be a link to that of another function.
  const folder = await realpath(join(functionsDir, `${name}.func`));
  const config = await configOf(folder);
  const unknown = Object.keys(config).find((key) => !KEYS.has(key));
  if (unknown !== undefined) {
    throw new BuildFailure(`"${unknown}" in .vc-config.json of "${name}" is not known.`);
  }
  const runtime = textOf(config['runtime']);
  if (!RUNTIMES.has(runtime)) {
    throw new BuildFailure(
      `The following Serverless Functions contain an invalid "runtime":\n  - ${name} (${runtime})`,
      'invalid_runtime',
    );
  }
  if (config['launcherType'] !== 'Nodejs') {
    throw new BuildFailure(`The "launcherType" of "${name}" must be "Nodejs".`);
  }
  const handler = textOf(config['handler']);
  if (!(await isFile(join(folder, handler)))) {
    throw new BuildFailure(
      `The handler "${handler}" of the function "${name}" was not found.`,
      'handler_not_found',
    );
  }
  await checkSize(name, folder);
  return {
    name,
    folder,
    handler,
    runtime,
    memoryMb: memoryOf(name, config['memory'], limits),
    maxDurationSeconds: durationOf(name, config['maxDuration'], limits),
    maxConcurrency: Number(config['maxConcurrency'] ?? USUAL_CONCURRENCY),
    regions: regionsOf(name, config['regions'], limits),
    triggers: checkedTriggers(name, listOf(config['experimentalTriggers'])),
    environment: environmentOf(name, config['environment']),
  };
}

async function configOf(folder: string): Promise<JsonMap> {
  const config: unknown = JSON.parse(await readFile(join(folder, '.vc-config.json'), 'utf8'));
  return mapOf(config);
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function checkSize(name: string, folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => !entry.isDirectory())
      .map(async (entry) => (await lstat(join(entry.parentPath, entry.name))).size),
  );
  if (sizes.reduce((sum, size) => sum + size, 0) <= UNPACKED_BYTES) return;
  throw new BuildFailure(
    `The Serverless Function "${name}" has exceeded the unzipped maximum size of 250 MB. : https://vercel.link/serverless-function-size`,
    'function_too_large',
  );
}

function memoryOf(name: string, given: unknown, { tier, memoryMb }: PlanLimits): number {
  const memory = given === undefined ? USUAL_MEMORY_MB : Number(given);
  if (Number.isInteger(memory) && memory >= LEAST_MEMORY_MB && memory <= memoryMb) return memory;
  throw new BuildFailure(
    `Serverless Function "${name}" must have a memory size between ${LEAST_MEMORY_MB} and ${memoryMb} MB for plan ${tier}; it is ${String(given)}.`,
    'invalid_memory',
  );
}

function durationOf(
  name: string,
  given: unknown,
  { tier, maxDurationSeconds }: PlanLimits,
): number {
  if (given === 'max') return maxDurationSeconds;
  const seconds = given === undefined ? USUAL_DURATION_SECONDS : Number(given);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= maxDurationSeconds) return seconds;
  throw new BuildFailure(
    `Builder returned invalid maxDuration value for Serverless Function "${name}". Serverless Functions must have a maxDuration between 1 and ${maxDurationSeconds} for plan ${tier}.`,
    'invalid_max_duration',
  );
}

function regionsOf(name: string, given: unknown, { tier }: PlanLimits): readonly string[] {
  const regions = given === undefined ? [USUAL_REGION] : listOf(given).map(textOf);
  const unknown = regions.find((region) => !REGIONS.has(region));
  if (unknown !== undefined || regions.length === 0) {
    throw new BuildFailure(`Invalid region "${unknown ?? ''}" of "${name}".`, 'invalid_region');
  }
  if (tier === 'hobby' && regions.length > 1) {
    throw new BuildFailure(
      'Deploying Serverless Functions to multiple regions is restricted to the Pro and Enterprise plans.',
      'invalid_region',
    );
  }
  return regions;
}

function environmentOf(name: string, given: unknown): Readonly<Record<string, string>> {
  if (given === undefined) return {};
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(mapOf(given))) {
    if (typeof value !== 'string') {
      throw new BuildFailure(`"environment" of "${name}": ${key} is not a string.`);
    }
    values[key] = value;
  }
  if (!isMap(given)) throw new BuildFailure(`"environment" of "${name}" is not an object.`);
  return values;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
