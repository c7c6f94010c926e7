/** The settings that belong to no version: what is wished, and what the function's record says of them. */
import { ServerlessError, canonicalJson, type Binding, type DeployRequest } from 'polyfaas/spi';
import { MAX_ASYNC_ATTEMPTS } from '../check.ts';
import type { AsyncConfig } from '../model.ts';
import type { FunctionSettings } from '../options.ts';
import { destinationArn } from '../policy/run.ts';

/** What a record's `settings` holds. JSON. */
export interface AppliedSettings {
  /** What the function itself asks for; its events may ask for more. */
  readonly async: AsyncConfig;
  readonly reserved: number | null;
  readonly provisioned: FunctionSettings['provisioned'];
  readonly keepWarm: FunctionSettings['keepWarm'];
  readonly logRetentionDays: number;
  readonly keepVersions: number;
  /**
   * The digest of the policy of the role that was made, with a `+` behind it while the role may do more, for an older
   * version that still gets a part of the traffic; null with a role of the user's.
   */
  readonly runPolicy: string | null;
  /** The managed policy that bounds the roles which were made; absent for none. */
  readonly boundary?: string;
  /** The share of calls without a trace that begin a sampled one; absent where tracing is not declared. */
  readonly sampleRate?: number;
  /** The keys of the user's own tags. */
  readonly tags: readonly string[];
  /** What an earlier attempt may have left half done: it is neither as it was nor as it is to be. */
  readonly unsettled?: readonly UnsettledSetting[];
}

const UNSETTLED = ['async', 'provisioned', 'keepWarm', 'logRetentionDays'] as const;
export type UnsettledSetting = (typeof UNSETTLED)[number];

/** One setting as the record has it; undefined when that is not known. */
export function settingBefore<Key extends UnsettledSetting>(
  before: AppliedSettings | null,
  key: Key,
): AppliedSettings[Key] | undefined {
  return before === null || before.unsettled?.includes(key) ? undefined : before[key];
}

/** The settings while the steps run that change some of them. */
export function unsettled(
  before: AppliedSettings | null,
  changing: readonly UnsettledSetting[],
): string {
  if (before === null) return '';
  return encodeSettings({ ...before, unsettled: [...new Set(changing)].toSorted() });
}

/** Lambda's own defaults (API reference, `PutFunctionEventInvokeConfig`). */
export const DEFAULT_ASYNC: AsyncConfig = {
  maxRetries: 2,
  maxAgeSeconds: 21_600,
  onSuccess: null,
  onFailure: null,
};

export function encodeSettings(settings: AppliedSettings): string {
  return canonicalJson(settings);
}

/** Null for what says nothing: a first deploy, or one that did not come to its end. */
export function decodeSettings(text: string): AppliedSettings | null {
  try {
    const value: unknown = JSON.parse(text);
    return isSettings(value) ? value : null;
  } catch {
    return null;
  }
}

// Only this adapter writes the text; one of another version is as good as none.
function isSettings(value: unknown): value is AppliedSettings {
  return (
    typeof value === 'object' &&
    value !== null &&
    [
      'async',
      'reserved',
      'provisioned',
      'keepWarm',
      'logRetentionDays',
      'keepVersions',
      'tags',
    ].every((key) => Object.hasOwn(value, key))
  );
}

export function asyncOf({ spec, identity }: Pick<DeployRequest, 'spec' | 'identity'>): AsyncConfig {
  const { retry, maxAgeSeconds, onSuccess, onFailure } = spec.async;
  return {
    maxRetries: Math.min(retry.maxAttempts, MAX_ASYNC_ATTEMPTS) - 1,
    maxAgeSeconds,
    onSuccess: onSuccess ? destinationArn(identity, onSuccess) : null,
    onFailure: onFailure ? destinationArn(identity, onFailure) : null,
  };
}

/** One number of retries serves all that comes asynchronously: the greatest. The entry enforces smaller ones. */
export function effectiveAsync(own: AsyncConfig, bindings: readonly Binding[]): AsyncConfig {
  const asked = bindings.map(({ event }) =>
    event.enabled && (event.type === 'topic' || event.type === 'object' || event.type === 'bus')
      ? Math.min(event.retry.maxAttempts, MAX_ASYNC_ATTEMPTS) - 1
      : 0,
  );
  return { ...own, maxRetries: Math.max(own.maxRetries, ...asked) };
}

/** Lambda API reference, `TagResource`. */
export const MAX_TAGS = 50;

/** Refuses what Lambda could not keep. */
export function refuseTooManyTags(functionName: string, count: number): void {
  if (count <= MAX_TAGS) return;
  throw new ServerlessError({
    code: 'QUOTA_EXCEEDED',
    provider: 'aws',
    function: functionName,
    message: `functions.${functionName}.tags: ${count} tags, with those that hold the events; Lambda takes ${MAX_TAGS}. Declare fewer tags, or move some events to another function.`,
  });
}
