/** How a function app grows: what is wished, and whether it differs from what is there. */
import { sameJson, type NormalFunctionSpec } from 'polyfaas/spi';
import type { AzureObserved } from '../model.ts';
import type { FunctionSettings } from '../options.ts';
import type { VersionNote } from '../record.ts';
import { nodeVersion } from '../runtime.ts';
import { DEFAULT_MAX_INSTANCES, type ScaleWish } from './wish.ts';

type Site = NonNullable<AzureObserved['site']>;

export function scaleWish(
  spec: Pick<
    NormalFunctionSpec,
    'memoryMb' | 'maxInstances' | 'minInstances' | 'concurrency' | 'runtime'
  >,
): ScaleWish {
  return {
    memoryMb: spec.memoryMb,
    maxInstances: spec.maxInstances ?? DEFAULT_MAX_INSTANCES,
    alwaysReady: spec.minInstances > 0 ? { http: spec.minInstances } : {},
    concurrency: spec.concurrency,
    runtimeVersion: nodeVersion(spec.runtime),
  };
}

/** What the site has, with the memory of another version. */
export function scaleOfVersion(site: Site, { memoryMb }: Pick<VersionNote, 'memoryMb'>): ScaleWish {
  return { ...scaleOfSite(site), memoryMb };
}

/**
 * What is brought back when a new package does not start: the memory is that of the live version, which an earlier
 * attempt may have changed already. Null when there is nothing to bring back.
 */
export function scaleBefore(
  site: Site,
  live: Pick<VersionNote, 'memoryMb'> | null,
  scales: boolean,
): ScaleWish | null {
  if (site.plan !== 'flex') return null;
  const before = live === null ? scaleOfSite(site) : scaleOfVersion(site, live);
  return scales || before.memoryMb !== site.memoryMb ? before : null;
}

export function scaleOfSite(site: Site): ScaleWish {
  return {
    memoryMb: site.memoryMb ?? 0,
    maxInstances: site.maxInstances ?? DEFAULT_MAX_INSTANCES,
    alwaysReady: site.alwaysReady,
    concurrency: site.concurrency ?? 0,
    runtimeVersion: site.runtimeVersion ?? '',
  };
}

/** Only Flex Consumption tells all of it; of the other plans, the record says what was applied. */
export function scaleDiffers(
  wish: ScaleWish,
  site: Site,
  settings: Pick<FunctionSettings, 'plan'>,
): boolean {
  return settings.plan === 'flex' && !sameJson(wish, scaleOfSite(site));
}
