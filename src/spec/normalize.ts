import type { Binding } from '../spi/bindings.ts';
import type { Warning } from '../spi/plan.ts';
import type { AsyncPolicy, NormalFunctionSpec } from '../spi/provider.ts';
import { mergeFields } from './merge.ts';
import { normalizeEvent, normalizeRetry } from './normalize-event.ts';
import { isSecretLike } from './secret-like.ts';
import { sortedRecord } from './sorted.ts';
import type {
  AsyncSpec,
  FunctionSpec,
  FunctionSpecBase,
  ProviderOptions,
  SecretRef,
  TracingSpec,
} from './types.ts';

export { normalizeEvent, normalizeRetry };

/** The sizes of a function whose declaration says none: what a platform makes of them is no news to anybody. */
export const DEFAULT_SIZES = { memoryMb: 256, timeoutSeconds: 30 } as const;

/** What a function's normal form is made with. */
export interface NormalizeOptions {
  /** `defaults` of the configuration. */
  readonly defaults?: Partial<FunctionSpecBase> | undefined;
  /** `providerOptions` of the configuration: those of the function go over them. */
  readonly providerOptions?: ProviderOptions | undefined;
  /** The app and the stage are no part of the normal form: it is the same in every stage. */
  readonly app?: string | undefined;
  readonly stage?: string | undefined;
}

/** A function's normal form, and what is to be said about it. */
export interface NormalizedFunction {
  readonly spec: NormalFunctionSpec;
  readonly warnings: readonly Warning[];
}

/**
 * Fills in all that a valid declaration leaves out, first from the defaults of the configuration.
 * Pure; the same for any order of keys and of events. Env, tags, `async` and `providerOptions` are merged
 * with the defaults; lists are replaced.
 */
export function normalizeFunction(
  name: string,
  spec: FunctionSpec,
  options: NormalizeOptions = {},
): NormalizedFunction {
  const { defaults = {} } = options;
  // Later ones win; the fields that are merged deeper are replaced below.
  const merged: FunctionSpecBase = { ...defaults, ...withoutUndefined(spec) };
  const env = sortedRecord({ ...defaults.env, ...spec.env }, plainOrSecret);
  const normal: NormalFunctionSpec = {
    name,
    description: merged.description ?? '',
    runtime: merged.runtime ?? 'node',
    memoryMb: merged.memoryMb ?? DEFAULT_SIZES.memoryMb,
    timeoutSeconds: merged.timeoutSeconds ?? DEFAULT_SIZES.timeoutSeconds,
    env,
    minInstances: merged.minInstances ?? 0,
    maxInstances: merged.maxInstances,
    concurrency: merged.concurrency ?? 1,
    architecture: merged.architecture,
    async: normalAsync(defaults.async, spec.async),
    tracing: normalTracing(merged.tracing),
    keepVersions: merged.keepVersions ?? 5,
    tags: sortedRecord({ ...defaults.tags, ...spec.tags }, (value) => value),
    bindings: (merged.events ?? []).map(specBinding).sort(byId),
    providerOptions: [
      options.providerOptions,
      defaults.providerOptions,
      spec.providerOptions,
    ].reduce((base: ProviderOptions, over) => mergedOptions(base, over), {}),
  };
  return { spec: normal, warnings: envWarnings(name, env) };
}

/** A warning for each plain value that looks like a secret. Never quotes the value. */
export function envWarnings(
  name: string,
  env: Readonly<Record<string, string | SecretRef>>,
): readonly Warning[] {
  return Object.entries(env).flatMap(([key, value]): readonly Warning[] => {
    if (typeof value !== 'string' || !isSecretLike(key, value)) return [];
    return [
      {
        type: 'secretLike',
        field: `functions.${name}.env.${key}`,
        message: `functions.${name}.env.${key} looks like a secret in plain text. Keep it in the platform's secret store and write secret("<name>") here; in JSON and YAML { $secret: <name> }, in a .tsk file @secret("<name>").`,
      },
    ];
  });
}

function specBinding(event: Parameters<typeof normalizeEvent>[0]): Binding {
  return { ...normalizeEvent(event), origin: 'spec' };
}

function byId(left: Binding, right: Binding): number {
  if (left.id === right.id) return 0;
  return left.id < right.id ? -1 : 1;
}

function plainOrSecret(value: string | SecretRef): string | SecretRef {
  if (typeof value === 'string' || value.version === undefined) {
    return typeof value === 'string' ? value : { $secret: value.$secret };
  }
  return { $secret: value.$secret, version: value.version };
}

function normalAsync(defaults: AsyncSpec = {}, own: AsyncSpec = {}): AsyncPolicy {
  const onSuccess = own.onSuccess ?? defaults.onSuccess;
  const onFailure = own.onFailure ?? defaults.onFailure;
  return {
    retry: normalizeRetry({ ...defaults.retry, ...own.retry }),
    maxAgeSeconds: own.maxAgeSeconds ?? defaults.maxAgeSeconds ?? 21_600,
    ...(onSuccess === undefined
      ? {}
      : { onSuccess: { type: onSuccess.type, name: onSuccess.name } }),
    ...(onFailure === undefined
      ? {}
      : { onFailure: { type: onFailure.type, name: onFailure.name } }),
  };
}

function normalTracing(
  tracing: boolean | TracingSpec | undefined,
): { readonly sampleRate: number } | undefined {
  if (tracing === undefined || tracing === false) return undefined;
  return { sampleRate: tracing === true ? 1 : (tracing.sampleRate ?? 1) };
}

function mergedOptions(base: ProviderOptions, over: ProviderOptions | undefined): ProviderOptions {
  const merged = mergeFields(base, over);
  return typeof merged === 'object' && merged !== null ? merged : base;
}

function withoutUndefined(spec: FunctionSpec): FunctionSpecBase {
  const entries = Object.entries(spec).filter(([, value]) => value !== undefined);
  const kept: FunctionSpecBase = Object.fromEntries(entries);
  return kept;
}
