/** All deployments of the team, from the call that makes one until it is deleted. */
import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { badRequest, VercelFault } from '../core/fault.ts';
import { mapOf } from '../core/json.ts';
import type { ReadyDeployment, RestCall, World } from '../core/ports.ts';
import { newId } from '../projects/ids.ts';
import type { DeploymentsView, Project, ProjectStore } from '../projects/store.ts';
import { create, type CreateParts } from './create.ts';
import { readyOf, stateOf, type Deployment } from './deployment.ts';
import { FileStore } from './files.ts';
import { Production } from './production.ts';
import { DeploymentRegistry } from './registry.ts';
import { shownShort, shownTarget } from './view.ts';

const HOST = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;
const MOST_LATEST = 10;
/** Each is a port of this machine. */
const MOST_GONE = 8;

export class Deployments {
  readonly world: World;
  readonly store: ProjectStore;
  readonly registry = new DeploymentRegistry();
  readonly production: Production;
  readonly files: FileStore;
  readonly #folder = mkdtempSync(join(tmpdir(), 'polyfaas-vercel-'));
  readonly #onDeleted: ((id: string) => void)[] = [];
  /** Production addresses, by project: open, or being opened. */
  readonly #aliases = new Map<string, Promise<string>>();
  /** Addresses that were given to one deployment: they stay with it. */
  readonly #named = new Map<string, string>();
  /** Addresses of deployments that are deleted, oldest first: for a while they answer that it was deleted. */
  readonly #gone: string[] = [];
  #building = 0;

  constructor(world: World, store: ProjectStore) {
    this.world = world;
    this.store = store;
    this.files = new FileStore(join(this.#folder, 'files'));
    this.production = new Production(world, store, this.registry);
    store.showDeployments((project) => this.#viewOf(project));
    store.onDeleted((projectId) => this.#deleteProject(projectId));
  }

  /** Whether something is being built in real time. */
  get isBusy(): boolean {
    return this.#building > 0;
  }

  onDeleted(listener: (id: string) => void): void {
    this.#onDeleted.push(listener);
  }

  async create(call: RestCall): Promise<Deployment> {
    const { world, store, registry, files } = this;
    const parts: CreateParts = {
      world,
      store,
      registry,
      files,
      folder: this.#folder,
      openAlias: (project) => this.#openAlias(project),
    };
    this.#building += 1;
    try {
      const deployment = await create(parts, call);
      registry.add(deployment);
      world.clock.after(deployment.endsAt - world.clock.now(), () => this.#whenReady(deployment));
      return deployment;
    } finally {
      this.#building -= 1;
    }
  }

  cancel(deployment: Deployment): Deployment {
    const now = this.world.clock.now();
    const state = stateOf(deployment, now);
    if (state !== 'QUEUED' && state !== 'BUILDING') {
      throw badRequest(`The deployment cannot be canceled: it is ${state}.`);
    }
    deployment.canceledAt = now;
    return deployment;
  }

  delete(deployment: Deployment): void {
    const { world, registry, production } = this;
    registry.remove(deployment);
    production.forget(deployment);
    for (const [alias, id] of this.#named) {
      if (id === deployment.id) this.#named.delete(alias);
    }
    for (const listener of this.#onDeleted) listener(deployment.id);
    this.#gone.push(deployment.host);
    this.#closeGone(MOST_GONE);
    world.work.run(() => rm(deployment.folder, { recursive: true, force: true }));
  }

  #closeGone(most: number): void {
    const closing = this.#gone.splice(0, Math.max(0, this.#gone.length - most));
    for (const host of closing) this.world.work.run(() => this.world.edge.closeHost(host));
  }

  assignAlias(deployment: Deployment, body: unknown): object {
    const { alias } = mapOf(body);
    if (typeof alias !== 'string' || !HOST.test(alias)) {
      throw badRequest('Invalid request: `alias` should be a host name.');
    }
    if (!this.#readyOf(deployment)) {
      throw new VercelFault(409, 'deployment_not_ready', 'The deployment is not ready.');
    }
    const oldDeploymentId = this.#named.get(alias) ?? null;
    this.#named.set(alias, deployment.id);
    const created = new Date(this.world.clock.now()).toISOString();
    return { uid: newId(''), alias, created, oldDeploymentId };
  }

  readyById(id: string): ReadyDeployment | undefined {
    return this.#readyOf(this.registry.get(id));
  }

  productionOf(projectId: string): ReadyDeployment | undefined {
    return this.readyById(this.store.find(projectId)?.productionId ?? '');
  }

  ofHost(
    host: string,
  ): { readonly deployment: ReadyDeployment; readonly isProductionAlias: boolean } | undefined {
    const project = this.store.list().find(({ aliases }) => aliases.includes(host));
    const own = this.registry.get(this.#named.get(host) ?? '') ?? this.registry.find(host);
    const deployment = project ? this.productionOf(project.id) : this.#readyOf(own);
    return deployment && { deployment, isProductionAlias: project !== undefined };
  }

  /** The address of a deployment that was deleted. */
  isGone(host: string): boolean {
    return this.#gone.includes(host);
  }

  stop(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #readyOf(deployment: Deployment | undefined): ReadyDeployment | undefined {
    return deployment && readyOf(deployment, this.world.clock.now());
  }

  #whenReady(deployment: Deployment): void {
    const isThere = this.registry.get(deployment.id) === deployment;
    if (isThere && this.#readyOf(deployment)) this.production.whenReady(deployment);
  }

  async #openAlias(project: Project): Promise<void> {
    const opening = this.#aliases.get(project.id) ?? this.world.edge.openHost(project.name);
    this.#aliases.set(project.id, opening);
    const host = await opening;
    if (!project.aliases.includes(host)) project.aliases = [...project.aliases, host];
  }

  #deleteProject(projectId: string): void {
    for (const deployment of this.registry.ofProject(projectId)) this.delete(deployment);
    this.#closeGone(0);
    this.production.forgetProject(projectId);
    const alias = this.#aliases.get(projectId);
    this.#aliases.delete(projectId);
    if (alias) this.world.work.run(async () => this.world.edge.closeHost(await alias));
  }

  #viewOf(project: Project): DeploymentsView {
    const current = this.registry.get(project.productionId ?? '');
    const latest = this.registry.ofProject(project.id).toReversed().slice(0, MOST_LATEST);
    return {
      targets: current ? { production: shownTarget(this, project, current) } : {},
      latestDeployments: latest.map((one) => {
        const { uid, state: _, ...rest } = shownShort(this, one);
        return { id: uid, ...rest };
      }),
    };
  }
}
