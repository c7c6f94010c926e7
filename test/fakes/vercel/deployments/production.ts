/** Which deployment has a project's production addresses: promotions and rollbacks. */
import { badRequest, notFound, VercelFault } from '../core/fault.ts';
import type { ReadyDeployment, World } from '../core/ports.ts';
import type { AliasRequest, Project, ProjectStore } from '../projects/store.ts';
import { readyOf, stateOf, type Deployment } from './deployment.ts';
import type { DeploymentRegistry } from './registry.ts';

/** Simulated time in which a promotion or a rollback moves the addresses: all of them at once, at its end. */
export const SWITCH_MS = 1_500;

type Listener = (deployment: ReadyDeployment) => void;

export class Production {
  readonly #world: World;
  readonly #store: ProjectStore;
  readonly #registry: DeploymentRegistry;
  readonly #listeners: Listener[] = [];
  /** What was in production, by project, oldest first. */
  readonly #history = new Map<string, string[]>();
  /** After a rollback new deployments get no addresses, until one is promoted. */
  readonly #pinned = new Set<string>();

  constructor(world: World, store: ProjectStore, registry: DeploymentRegistry) {
    this.#world = world;
    this.#store = store;
    this.#registry = registry;
  }

  onPromoted(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** To be told when the build of a deployment has ended. */
  whenReady(deployment: Deployment): void {
    const project = this.#store.find(deployment.projectId);
    const isWished = deployment.target === 'production' && deployment.autoAssign;
    if (project && isWished && !this.#pinned.has(project.id)) this.#serve(project, deployment);
  }

  /** To be told when a deployment is gone: nothing is in production then, if it was. */
  forget(deployment: Deployment): void {
    const project = this.#store.find(deployment.projectId);
    if (project?.productionId === deployment.id) project.productionId = null;
    const history = this.#history.get(deployment.projectId) ?? [];
    this.#history.set(
      deployment.projectId,
      history.filter((id) => id !== deployment.id),
    );
  }

  forgetProject(projectId: string): void {
    this.#history.delete(projectId);
    this.#pinned.delete(projectId);
  }

  promote(project: Project, deployment: Deployment): void {
    this.#checkSwitch(project, deployment, 409);
    if (deployment.target !== 'production') {
      throw badRequest(
        `The provided deploymentId (${deployment.id}) is not a production deployment and cannot be directly promoted.`,
      );
    }
    this.#begin(project, deployment, 'promote');
  }

  rollBack(project: Project, deployment: Deployment): void {
    this.#checkSwitch(project, deployment, 422);
    if (!deployment.hasServed) {
      throw unprocessable(
        `The provided deploymentId (${deployment.id}) has never been in production: there is nothing to roll back to.`,
      );
    }
    const previous = (this.#history.get(project.id) ?? [])
      .filter((id) => id !== project.productionId)
      .at(-1);
    if (this.#world.plan.tier === 'hobby' && deployment.id !== previous) {
      throw new VercelFault(
        402,
        'unprocessable_entity',
        'To rollback further than the previous production deployment, upgrade to pro.',
      );
    }
    this.#begin(project, deployment, 'rollback');
  }

  #checkSwitch(project: Project, deployment: Deployment, statusOfCurrent: 409 | 422): void {
    const { id } = deployment;
    if (deployment.projectId !== project.id) {
      throw notFound(`The deployment ${id} could not be found in this project`);
    }
    if (stateOf(deployment, this.#world.clock.now()) !== 'READY') {
      throw badRequest(`The provided deploymentId (${id}) is not ready.`);
    }
    // What is under way goes before what is: the current deployment may be about to be replaced.
    if (project.aliasRequest?.jobStatus() === 'in-progress') {
      throw conflict(
        `Another ${project.aliasRequest.type} of this project is in progress. Try again when it has ended.`,
      );
    }
    if (project.productionId === id) {
      const message = `The provided deploymentId (${id}) is already the current production deployment.`;
      throw statusOfCurrent === 409 ? conflict(message) : unprocessable(message);
    }
  }

  #begin(project: Project, { id }: Deployment, type: AliasRequest['type']): void {
    const { clock } = this.#world;
    let status: 'in-progress' | 'succeeded' | 'failed' = 'in-progress';
    project.aliasRequest = {
      fromDeploymentId: project.productionId,
      toDeploymentId: id,
      type,
      requestedAt: clock.now(),
      jobStatus: () => status,
    };
    clock.after(SWITCH_MS, () => {
      const deployment = this.#registry.get(id);
      status = deployment ? 'succeeded' : 'failed';
      if (!deployment || this.#store.find(project.id) !== project) return;
      if (type === 'promote') this.#pinned.delete(project.id);
      else this.#pinned.add(project.id);
      this.#serve(project, deployment);
    });
  }

  #serve(project: Project, deployment: Deployment): void {
    const ready = readyOf(deployment, this.#world.clock.now());
    if (!ready) return;
    project.productionId = deployment.id;
    deployment.hasServed = true;
    const others = (this.#history.get(project.id) ?? []).filter((id) => id !== deployment.id);
    this.#history.set(project.id, [...others, deployment.id]);
    this.#store.touch(project);
    for (const listener of this.#listeners) listener(ready);
  }
}

function conflict(message: string): VercelFault {
  return new VercelFault(409, 'conflict', message);
}

function unprocessable(message: string): VercelFault {
  return new VercelFault(422, 'unprocessable_entity', message);
}
