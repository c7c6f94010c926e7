/** The deployments that are there, by their ids and addresses. */
import { notFound } from '../core/fault.ts';
import type { Deployment } from './deployment.ts';

export class DeploymentRegistry {
  readonly #byId = new Map<string, Deployment>();
  #lastCreatedAt = 0;

  /** Oldest first. */
  get all(): readonly Deployment[] {
    return [...this.#byId.values()];
  }

  /** A time that no deployment has yet: lists are paged by it. */
  nextCreatedAt(now: number): number {
    this.#lastCreatedAt = Math.max(now, this.#lastCreatedAt + 1);
    return this.#lastCreatedAt;
  }

  add(deployment: Deployment): void {
    this.#byId.set(deployment.id, deployment);
  }

  remove({ id }: Deployment): void {
    this.#byId.delete(id);
  }

  get(id: string): Deployment | undefined {
    return this.#byId.get(id);
  }

  /** By id, or by its own address. */
  find(idOrUrl: string): Deployment | undefined {
    const host = idOrUrl.replace(/^https?:\/\//, '');
    return this.#byId.get(idOrUrl) ?? this.all.find((one) => one.host === host);
  }

  need(idOrUrl: string): Deployment {
    const found = this.find(idOrUrl);
    if (found) return found;
    throw notFound('The deployment could not be found');
  }

  ofProject(projectId: string): readonly Deployment[] {
    return this.all.filter((one) => one.projectId === projectId);
  }
}
