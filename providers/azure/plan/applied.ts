/** What belongs to no version: as it was applied, and as the function's record says it. */
import {
  canonicalJson,
  digestOf,
  type DeployRequest,
  type JsonValue,
  type NormalFunctionSpec,
} from 'polyfaas/spi';
import { listAt, textAt } from '../arm/json.ts';
import type { FunctionSettings } from '../options.ts';
import { scaleWish } from './scale.ts';

/** How this adapter sets function apps up. Another number sets all of them up anew. */
const FORM = 1;

/** What a record's `settings` holds. JSON. */
export interface AppliedSettings {
  /** The digest of what the function app stands on: identity, storage, telemetry, plan, network. */
  readonly base: string;
  /** The subnet that the function app was brought into; null for none. */
  readonly subnet: string | null;
  /** Only while a deploy goes on that founds anew: all subnets that it may be in. */
  readonly subnets?: readonly string[];
  readonly zoneRedundant: boolean;
  /** The digest of the app settings that follow from the bindings. */
  readonly events: string;
  /** The digest of the rules of asynchronous invocations, and of where outcomes go. */
  readonly async: string;
  readonly keyId: string;
  /** The vault that the identity may read; null before a secret was used. */
  readonly vault: string | null;
  /** Further app settings of the user's: their names, and the digest of all. */
  readonly further: { readonly names: readonly string[]; readonly digest: string };
  /** Instances that are always ready: their code is told. */
  readonly alwaysReady: number;
  /** The digest of what the plan does not tell of its instances; empty on Flex Consumption, which tells all. */
  readonly instances: string;
  readonly keepVersions: number;
  /** The keys of the user's own tags. */
  readonly tags: readonly string[];
}

export function encodeApplied(settings: AppliedSettings): string {
  return canonicalJson(settings);
}

/** The settings while a step runs that writes them: what they come to is not known then. */
export function unsettled(text: string): string {
  const before = decodeApplied(text);
  return before === null ? text : encodeApplied({ ...before, events: '', async: '' });
}

/**
 * The settings while steps run that change what the function app stands on: the next deploy brings all of it to what is
 * declared then, and still knows what this one may have set or brought the function app into.
 */
export function unfounded(text: string, next: AppliedSettings): string {
  const before = decodeApplied(text);
  const all = [...subnetsIn(text), ...(next.subnet === null ? [] : [next.subnet])];
  const known = all.length === 0 ? {} : { subnets: [...new Set(all)] };
  if (before === null) return all.length === 0 ? '' : canonicalJson(known);
  const names = [...new Set([...before.further.names, ...next.further.names])].toSorted();
  return encodeApplied({
    ...before,
    base: '',
    events: '',
    async: '',
    instances: '',
    further: { names, digest: '' },
    ...known,
  });
}

/** The subnets that the function app was brought into, or may have been by a deploy that was broken off. */
export function subnetsIn(text: string): readonly string[] {
  const value = parsed(text);
  const subnet = textAt(value, 'subnet');
  const others = listAt(value, 'subnets').filter((one) => typeof one === 'string');
  return subnet === undefined ? others : [subnet, ...others];
}

/** Null for what says nothing: a first deploy, or one that did not come to its end. */
export function decodeApplied(text: string): AppliedSettings | null {
  const value: unknown = parsed(text);
  return isApplied(value) ? value : null;
}

function parsed(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

// Only this adapter writes the text; one of another version is as good as none.
function isApplied(value: unknown): value is AppliedSettings {
  return (
    typeof value === 'object' &&
    value !== null &&
    [
      'base',
      'subnet',
      'zoneRedundant',
      'events',
      'async',
      'keyId',
      'vault',
      'further',
      'alwaysReady',
      'instances',
      'keepVersions',
      'tags',
    ].every((key) => Object.hasOwn(value, key))
  );
}

export function appliedSettings(
  { spec }: Pick<DeployRequest, 'spec'>,
  settings: FunctionSettings,
  parts: {
    readonly events: string;
    readonly location: string;
    /** Null as long as no version used a secret. */
    readonly vault: string | null;
    /** The ARM ids of what outcomes are sent to: the options may lead a name elsewhere. */
    readonly destinations: readonly string[];
  },
): AppliedSettings {
  return {
    base: baseDigest(settings, parts.location),
    subnet: settings.vnetSubnetId,
    zoneRedundant: settings.zoneRedundant,
    events: parts.events,
    async: digestOf({ policy: spec.async, destinations: parts.destinations }),
    keyId: settings.invokeKeyId,
    vault: parts.vault,
    further: {
      names: Object.keys(settings.appSettings).toSorted(),
      digest: digestOf(settings.appSettings),
    },
    alwaysReady: spec.minInstances,
    instances: instancesDigest(spec, settings),
    keepVersions: spec.keepVersions,
    tags: Object.keys(spec.tags).toSorted(),
  };
}

function instancesDigest(
  spec: NormalFunctionSpec,
  { plan, premium }: Pick<FunctionSettings, 'plan' | 'premium'>,
): string {
  if (plan === 'flex') return '';
  const { maxInstances, runtimeVersion } = scaleWish(spec);
  return digestOf({ maxInstances, runtimeVersion, premium });
}

function baseDigest(settings: FunctionSettings, location: string): string {
  const { plan, planSku, identity, storageAccount, insights } = settings;
  const { updateStrategy, vnetSubnetId, zoneRedundant } = settings;
  return digestOf({
    form: FORM,
    location,
    plan,
    planSku,
    identity,
    storageAccount,
    insights,
    updateStrategy,
    vnetSubnetId,
    zoneRedundant,
  });
}

/** True when some variable of the declaration is a secret. */
export function usesSecrets({ env }: Pick<NormalFunctionSpec, 'env'>): boolean {
  return Object.values(env).some((value) => typeof value !== 'string');
}
