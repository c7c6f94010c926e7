/** Where a function is, as far as it follows from its name. Pure. */
import type { FunctionRef } from 'polyfaas/spi';
import { projectName } from './names.ts';
import type { PlatformSettings } from './options.ts';

/** Everything about a function that can be said before anything is there. */
export interface Place {
  readonly ref: FunctionRef;
  /** The team's id or slug; null for a personal account. */
  readonly team: string | null;
  readonly region: string;
  /** The project's name. */
  readonly physicalName: string;
  /** A domain that its routes are told by, where the configuration names one for all. */
  readonly domain: string | null;
}

export function placeOf(
  ref: FunctionRef,
  settings: Pick<PlatformSettings, 'projectNames' | 'team' | 'region' | 'defaults'>,
): Place {
  return {
    ref,
    team: settings.team,
    region: settings.region,
    physicalName: physicalNameOf(ref, settings.projectNames),
    domain: settings.defaults.domain ?? null,
  };
}

/** The one that the options give; else the derived one. */
export function physicalNameOf(
  ref: FunctionRef,
  projectNames: Readonly<Record<string, string>>,
): string {
  const chosen = Object.hasOwn(projectNames, ref.name) ? projectNames[ref.name] : undefined;
  return chosen ?? projectName(ref);
}
