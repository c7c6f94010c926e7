/** Checks across fields. They read whatever is there, so that all problems show at once. */
import { CODE_FIELDS, codeProblem } from './exclusive.ts';
import { eventListIssues } from './cross-checks-events.ts';
import type { Issue, Path } from './issues.ts';
import { mergeFields, mergeOver } from './merge.ts';
import { BUILT_IN_PROVIDERS } from './names.ts';
import { nearestName } from './nearest.ts';
import { isPlainObject } from './plain-data.ts';
import { retryIssues } from './cross-checks-retry.ts';
import type { FunctionSpecBase } from './types.ts';

/** Checks a whole configuration, its environments too. */
export function configIssues(config: unknown): readonly Issue[] {
  if (!isPlainObject(config)) return [];
  const environments = isPlainObject(config['environments']) ? config['environments'] : {};
  return [
    ...providerIssues(config, config['adapters'], []),
    ...functionTableIssues(config),
    ...Object.entries(environments).flatMap(([stage, overlay]) =>
      isPlainObject(overlay) ? overlayIssues(config, overlay, ['environments', stage]) : [],
    ),
  ];
}

/** What a function is checked with: parts of its configuration. */
export interface FunctionContext {
  readonly defaults?: Partial<FunctionSpecBase> | undefined;
  readonly adapters?: Readonly<Record<string, string>> | undefined;
}

/** Checks one function. */
export function functionIssues(
  spec: unknown,
  { defaults, adapters }: FunctionContext,
  path: Path,
): readonly Issue[] {
  return [...codeAndSettingIssues(spec, defaults, path), ...optionIssues(spec, adapters, path)];
}

function codeAndSettingIssues(spec: unknown, defaults: unknown, path: Path): readonly Issue[] {
  if (!isPlainObject(spec)) return [];
  const message = codeProblem(spec);
  return [
    ...(message === undefined ? [] : [{ path, message }]),
    ...settingIssues(spec, defaults, path),
  ];
}

function functionTableIssues(config: Record<string, unknown>): readonly Issue[] {
  const { defaults, adapters } = config;
  const functions = isPlainObject(config['functions']) ? config['functions'] : {};
  return [
    ...settingIssues(defaults, undefined, ['defaults']),
    ...optionIssues(defaults, adapters, ['defaults']),
    ...Object.entries(functions).flatMap(([name, spec]) => {
      const here = ['functions', name];
      return [...codeAndSettingIssues(spec, defaults, here), ...optionIssues(spec, adapters, here)];
    }),
  ];
}

/** An overlay is checked as what it makes of the configuration; only what it touches is reported. */
function overlayIssues(
  config: Record<string, unknown>,
  overlay: Record<string, unknown>,
  path: Path,
): readonly Issue[] {
  const merged = mergeOver(config, overlay);
  if (!isPlainObject(merged)) return [];
  const functions = isPlainObject(overlay['functions']) ? overlay['functions'] : {};
  const all = isPlainObject(merged['functions']) ? merged['functions'] : {};
  const base = isPlainObject(config['functions']) ? Object.keys(config['functions']) : [];
  return [
    ...providerIssues(overlay, config['adapters'], path),
    ...settingIssues(overlay['defaults'], undefined, [...path, 'defaults']),
    ...optionIssues(overlay['defaults'], config['adapters'], [...path, 'defaults']),
    ...Object.entries(functions).flatMap(([name, own]) => {
      const here = [...path, 'functions', name];
      if (
        isPlainObject(own) &&
        !base.includes(name) &&
        !CODE_FIELDS.some((field) => field in own)
      ) {
        return [{ path: here, message: misspelt(name, base) }];
      }
      const twice = isPlainObject(own) && CODE_FIELDS.filter((field) => field in own).length > 1;
      return [
        ...codeAndSettingIssues(twice ? own : all[name], merged['defaults'], here),
        ...optionIssues(own, config['adapters'], here),
      ];
    }),
  ];
}

/** What changes a function that there is not was meant for one that there is. */
function misspelt(name: string, base: readonly string[]): string {
  const nearest = nearestName(name, base);
  const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
  return `is none of the configuration's functions.${hint} A function that only this environment has needs its code: give one of ${CODE_FIELDS.join(', ')}.`;
}

function providerIssues(
  holder: Record<string, unknown>,
  adapters: unknown,
  path: Path,
): readonly Issue[] {
  const { provider, targets } = holder;
  const both =
    provider !== undefined && targets !== undefined
      ? [{ path: [...path, 'targets'], message: 'and `provider` exclude each other: keep one.' }]
      : [];
  const named = Array.isArray(targets) ? targets : [];
  return [
    ...both,
    ...unknownKeys(holder['region'], adapters, [...path, 'region']),
    ...optionIssues(holder, adapters, path),
    ...unknownProvider(provider, adapters, [...path, 'provider']),
    ...named.flatMap((target, index) =>
      unknownProvider(target, adapters, [...path, 'targets', index]),
    ),
  ];
}

/** Settings of a provider that nothing reads would have no effect, and nobody would know. */
function optionIssues(holder: unknown, adapters: unknown, path: Path): readonly Issue[] {
  if (!isPlainObject(holder)) return [];
  return unknownKeys(holder['providerOptions'], adapters, [...path, 'providerOptions']);
}

function unknownKeys(byProvider: unknown, adapters: unknown, path: Path): readonly Issue[] {
  if (!isPlainObject(byProvider)) return [];
  return Object.keys(byProvider).flatMap((id) => unknownProvider(id, adapters, [...path, id]));
}

function unknownProvider(provider: unknown, adapters: unknown, path: Path): readonly Issue[] {
  if (typeof provider !== 'string') return [];
  const listed = isPlainObject(adapters) ? Object.keys(adapters) : [];
  const known = [...new Set([...BUILT_IN_PROVIDERS, ...listed])];
  if (known.includes(provider)) return [];
  const nearest = nearestName(provider, known);
  const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
  const message = `${JSON.stringify(provider.slice(0, 60))} is no known provider.${hint} Choose one of ${known.join(', ')}, or list its package under "adapters".`;
  return [{ path, message }];
}

function settingIssues(spec: unknown, defaults: unknown, path: Path): readonly Issue[] {
  if (!isPlainObject(spec)) return [];
  const merged = mergeFields(isPlainObject(defaults) ? defaults : {}, spec);
  const { minInstances, maxInstances } = isPlainObject(merged) ? merged : spec;
  const own = 'minInstances' in spec ? 'minInstances' : 'maxInstances';
  const issues: Issue[] = [];
  if (
    typeof minInstances === 'number' &&
    typeof maxInstances === 'number' &&
    minInstances > maxInstances &&
    ('minInstances' in spec || 'maxInstances' in spec)
  ) {
    issues.push({
      path: [...path, own],
      message: `minInstances (${minInstances}) is more than maxInstances (${maxInstances}). Lower the one or raise the other.`,
    });
  }
  if (isPlainObject(spec['async'])) {
    issues.push(...retryIssues(spec['async']['retry'], [...path, 'async', 'retry']));
  }
  return [...issues, ...eventListIssues(spec['events'], [...path, 'events'])];
}
