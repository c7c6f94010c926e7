/** Following sites from one start of their host to the next. */
import type { AppHost, World } from '../core/ports.ts';
import { readTriggers, type Trigger } from './triggers.ts';

/** One generation of a site: from a start of its host to the next. */
export interface ServedSite {
  readonly siteId: string;
  readonly host: AppHost;
  readonly triggers: readonly Trigger[];
}

/**
 * Follows all sites, those that are there and those to come. `serve` begins to deliver to a new generation of a site
 * and returns what ends that; it is ended before the next one is asked for its triggers. `gone` is told of sites that
 * were deleted. World.web must be there when this is called.
 */
export function watchSites(
  world: World,
  serve: (site: ServedSite) => () => void,
  gone: (siteId: string) => void = () => {},
): { busy(): boolean; stop(): void } {
  const served = new Map<string, () => void>();
  const generations = new Map<string, number>();
  let reading = 0;
  let isStopped = false;

  function restarted(siteId: string): void {
    const generation = (generations.get(siteId) ?? 0) + 1;
    generations.set(siteId, generation);
    served.get(siteId)?.();
    served.delete(siteId);
    if (isStopped) return;
    const host = world.web.hostOf(siteId);
    if (host) follow(siteId, host, generation);
    else if (!world.web.siteIds().includes(siteId)) gone(siteId);
  }

  function follow(siteId: string, host: AppHost, generation: number): void {
    reading += 1;
    world.work.run(async () => {
      try {
        const triggers = await readTriggers(world, siteId, host);
        // A host that was replaced in the meantime is no longer to be served.
        if (isStopped || generations.get(siteId) !== generation) return;
        served.set(siteId, serve({ siteId, host, triggers }));
      } finally {
        reading -= 1;
      }
    });
  }

  world.web.onRestart(restarted);
  for (const siteId of world.web.siteIds()) restarted(siteId);
  return {
    busy: () => reading > 0,
    stop() {
      isStopped = true;
      for (const end of served.values()) end();
      served.clear();
    },
  };
}
