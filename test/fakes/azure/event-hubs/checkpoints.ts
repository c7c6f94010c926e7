/** How far hubs were read. Hosts keep it in their storage account, so it outlives them, and goes with the site. */
import type { Resource } from '../service-bus/resource-tree/resource.ts';
import type { Checkpoint } from './partition-reader.ts';

export class Checkpoints {
  /** By site, then by hub, consumer group and partition. */
  readonly #sites = new Map<string, Map<string, number>>();

  of(siteId: string, hub: Resource, group: string, partition: string): Checkpoint {
    const key = `${hub.id} ${hub.createdAt} ${group} ${partition}`.toLowerCase();
    const site = siteId.toLowerCase();
    return {
      read: () => this.#sites.get(site)?.get(key),
      write: (next) => {
        const own = this.#sites.get(site) ?? new Map<string, number>();
        this.#sites.set(site, own.set(key, next));
      },
    };
  }

  forget(siteId: string): void {
    this.#sites.delete(siteId.toLowerCase());
  }
}
