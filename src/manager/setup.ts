/** From a configuration to what a manager stands on. Loads the schema and the packager, nothing of a provider. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { applyEnvironment } from '../config/overlay.ts';
import { stageWarnings } from '../config/stage-warnings.ts';
import { mergeFields } from '../spec/merge.ts';
import { createPackager } from '../package/index.ts';
import { normalizeEvent, normalizeFunction } from '../spec/normalize.ts';
import type { Complete, FailoverSpec, LimitsSpec, PolyfaasConfig } from '../spec/types.ts';
import { validateConfig, validateEvent, validateFunction } from '../spec/validate.ts';
import { invalid } from './arguments.ts';
import type { ManagerSettings, Packager } from './settings.ts';
import type { ProviderParts } from './types.ts';

const completeLimits = (given: LimitsSpec = {}): Complete<LimitsSpec> => ({
  parallelDeploys: given.parallelDeploys ?? 4,
  concurrentCalls: given.concurrentCalls ?? 64,
  maxAttempts: given.maxAttempts ?? 4,
  attemptTimeoutSeconds: given.attemptTimeoutSeconds ?? 60,
});

export interface Setup {
  readonly providerId: string;
  /** Several providers instead of that one, which is the first of them; undefined for one. */
  readonly targets: readonly string[] | undefined;
  readonly failover: Complete<FailoverSpec>;
  readonly adapters: Readonly<Record<string, string>>;
  readonly settings: ManagerSettings;
  readonly packager: Packager;
  readonly parts: Omit<ProviderParts, 'clock' | 'random' | 'log'>;
}

const completeFailover = (given: FailoverSpec = {}): Complete<FailoverSpec> => ({
  maxFailures: given.maxFailures ?? 3,
  recoverySeconds: given.recoverySeconds ?? 10,
});

/** @param target the one of several targets that is meant */
export function resolveSetup(given: PolyfaasConfig, target?: string): Promise<Setup> {
  if (given === undefined) {
    throw invalid(
      'config',
      'there is none. Write createServerlessManager({ app: "shop", functions: { ... } }), or pass on the `config` that loadConfig() found.',
    );
  }
  const whole = validateConfig(given);
  const stage = whole.stage ?? 'dev';
  const config = applyEnvironment(whole, stage);
  const ofStage = stageWarnings(whole, { ...config, stage });
  const root = resolve(config.root ?? '.');
  const app = config.app ?? defaultApp(root);
  const providerId = target ?? config.targets?.[0] ?? config.provider ?? 'local';
  const { region } = config;
  const normalize: ManagerSettings['normalize'] = (name, spec) => {
    // On its own first: what is no plain data cannot be merged.
    const own = validateFunction(name, spec, config);
    const declared = validateFunction(name, mergeFields(config.defaults, own), config);
    const { spec: normal, warnings } = normalizeFunction(name, declared);
    return { spec: normal, warnings: [...ofStage, ...warnings], declared };
  };
  return Promise.resolve({
    providerId,
    targets: target === undefined ? config.targets : undefined,
    failover: completeFailover(config.failover),
    adapters: config.adapters ?? {},
    packager: createPackager({ root }),
    settings: {
      app,
      stage,
      functions: new Map(Object.entries(config.functions ?? {})),
      limits: completeLimits(config.limits),
      hasOthers: target !== undefined,
      normalize,
      normalizeEvent: (event) => normalizeEvent(validateEvent(event)),
    },
    parts: {
      app,
      stage,
      root,
      region: typeof region === 'string' ? region : region?.[providerId],
      providerOptions: config.providerOptions ?? {},
    },
  });
}

/** The name in the nearest package.json, made fit. */
function defaultApp(root: string): string {
  for (let folder = root; ; folder = dirname(folder)) {
    const name = packageName(join(folder, 'package.json'));
    if (name !== undefined) return name;
    if (folder === dirname(folder)) return 'app';
  }
}

function packageName(file: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Not there, or not ours to complain about: the name is only a default.
    return undefined;
  }
  const name =
    typeof parsed === 'object' && parsed !== null && 'name' in parsed ? parsed.name : undefined;
  if (typeof name !== 'string') return undefined;
  const slug = name
    .toLowerCase()
    .replace(/^@[^/]*\//, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40);
  return slug === '' ? undefined : slug;
}
