/** What several targets can all do. */
import type { Capabilities, Capability, CapabilityKey, NumberRange } from '../spi/capabilities.ts';

type Named = readonly (readonly [target: string, capabilities: Capabilities])[];

/**
 * What works on every target: a feature is `none` when one of them has none, and every bound is the tightest. A spec that
 * passes these passes each of them, but for what only its own provider checks.
 *
 * @param targets at least one
 */
export function mergeCapabilities(targets: Named): Capabilities {
  const [first] = targets;
  if (first === undefined) throw new TypeError('There is no target.');
  const [, own] = first;
  const features = { ...own.features };
  // The table of the first has every key there is.
  for (const key of keysOf(own.features)) features[key] = mergedFeature(targets, key);
  const least = (read: (limits: Capabilities['limits']) => number): number =>
    Math.min(...targets.map(([, { limits }]) => read(limits)));
  return {
    features,
    deploySwitch: targets.every(([, { deploySwitch }]) => deploySwitch === 'atomic')
      ? 'atomic'
      : 'restart',
    limits: {
      memoryMb: mergedRange(targets.map(([, { limits }]) => limits.memoryMb)),
      timeoutSeconds: mergedRange(targets.map(([, { limits }]) => limits.timeoutSeconds)),
      envBytes: least(({ envBytes }) => envBytes),
      syncPayloadBytes: least(({ syncPayloadBytes }) => syncPayloadBytes),
      asyncPayloadBytes: least(({ asyncPayloadBytes }) => asyncPayloadBytes),
      zipBytes: least(({ zipBytes }) => zipBytes),
      unpackedBytes: least(({ unpackedBytes }) => unpackedBytes),
      maxInstances: least(({ maxInstances }) => maxInstances),
      concurrency: least(({ concurrency }) => concurrency),
      httpTimeoutSeconds: least(({ httpTimeoutSeconds }) => httpTimeoutSeconds),
    },
    names: own.names,
  };
}

function keysOf(features: Capabilities['features']): readonly CapabilityKey[] {
  return Object.keys(features).filter((key): key is CapabilityKey => key in features);
}

function mergedFeature(targets: Named, key: CapabilityKey): Capability {
  const all = targets.map(([target, { features }]) => ({ target, feature: features[key] }));
  const missing = all.flatMap(({ target, feature }) =>
    feature.support === 'none' ? [`${target}: ${feature.why}`] : [],
  );
  if (missing.length > 0) return { support: 'none', why: missing.join(' ') };
  const vias = all.flatMap(({ target, feature }) =>
    feature.support === 'none' ? [] : [`${target}: ${feature.via}`],
  );
  const isNative = all.every(({ feature }) => feature.support === 'native');
  return { support: isNative ? 'native' : 'emulated', via: vias.join('; ') };
}

function mergedRange(ranges: readonly NumberRange[]): NumberRange {
  return {
    min: Math.max(...ranges.map(({ min }) => min)),
    max: Math.min(...ranges.map(({ max }) => max)),
  };
}
