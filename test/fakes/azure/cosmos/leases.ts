/** Leases: how far a feed was read, and who reads it. They are documents of the lease container. */
import type { Resource } from '../service-bus/resource-tree/resource.ts';

export interface Lease {
  position: number;
  /** Undefined while nobody reads. */
  owner: symbol | undefined;
}

export class Leases {
  readonly #containers = new Map<Resource, Map<string, Lease>>();

  /** Makes the lease where there is none yet: it begins at `start`, and stays. */
  of(
    leaseContainer: Resource,
    prefix: string,
    monitored: Resource,
    range: string,
    start: number,
  ): Lease {
    const own = this.#containers.get(leaseContainer) ?? new Map<string, Lease>();
    this.#containers.set(leaseContainer, own);
    const key = `${prefix} ${monitored.id} ${monitored.createdAt} ${range}`.toLowerCase();
    const lease = own.get(key) ?? { position: start, owner: undefined };
    own.set(key, lease);
    return lease;
  }

  forget(leaseContainer: Resource): void {
    this.#containers.delete(leaseContainer);
  }
}
