/** `config.json` of the Build Output API, and `.vc-config.json` and our own manifest of each function. */
import type { JsonObject } from 'polyfaas/spi';
import { HOBBY_SECONDS, MAX_SECONDS, SETTLED_SECONDS } from '../limits.ts';
import { envVariable, MAIN_FUNCTION, type FuncManifest } from '../manifest.ts';
import { ENTRY_FILE } from '../shim/packaging.ts';
import type { DeploymentInput } from '../steps.ts';
import type { PlannedFunction } from './functions.ts';

/** So much longer than the function's own timeout, so that the code inside tells of it itself. */
const SLACK_SECONDS = 10;
/** The longest of each plan: a timeout of as much is taken there, and so gets no slack. */
const LONGEST_SECONDS = [HOBBY_SECONDS, SETTLED_SECONDS, MAX_SECONDS];

/** All that comes from outside goes to one function; those for queues are reached by nobody else. */
export function outputConfig({ crons }: Pick<DeploymentInput, 'crons'>): JsonObject {
  return {
    version: 3,
    routes: [
      { src: '^/polyfaas/(?:events/.*|(?:async|main)/?)$', status: 404 },
      { handle: 'filesystem' },
      { src: '/.*', dest: `/${MAIN_FUNCTION}` },
    ],
    ...(crons.length === 0
      ? {}
      : { crons: crons.map(({ path, schedule }) => ({ path, schedule })) }),
  };
}

export function functionConfig(
  { config }: Pick<DeploymentInput, 'config'>,
  { trigger }: PlannedFunction,
): JsonObject {
  return {
    runtime: config.runtime,
    handler: ENTRY_FILE,
    launcherType: 'Nodejs',
    // The code inside reads requests itself; helpers would read their bodies before it.
    shouldAddHelpers: false,
    supportsResponseStreaming: true,
    memory: config.memoryMb,
    maxDuration: maxDuration(config.timeoutSeconds),
    regions: [...config.regions],
    maxConcurrency: config.concurrency,
    ...(trigger === null ? {} : { experimentalTriggers: [{ ...trigger }] }),
  };
}

/** Seconds after which Vercel ends a call. */
export function maxDuration(timeoutSeconds: number): number {
  const most = LONGEST_SECONDS.find((seconds) => timeoutSeconds <= seconds) ?? MAX_SECONDS;
  return Math.min(most, Math.ceil(timeoutSeconds) + SLACK_SECONDS);
}

export function functionManifest(
  input: Pick<
    DeploymentInput,
    'ref' | 'version' | 'config' | 'region' | 'policies' | 'async' | 'queueEndpoint'
  >,
  serves: FuncManifest['serves'],
): FuncManifest {
  const { ref, version, config } = input;
  return {
    app: ref.app,
    stage: ref.stage,
    functionName: ref.name,
    version,
    memoryMb: config.memoryMb,
    timeoutSeconds: config.timeoutSeconds,
    region: input.region,
    handles: config.handles,
    envVariable: config.hasEnv ? envVariable(version) : null,
    secrets: config.secrets,
    serves,
    bindings: input.policies,
    async: input.async,
    queueEndpoint: input.queueEndpoint,
  };
}
