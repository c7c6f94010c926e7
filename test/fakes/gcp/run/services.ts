import { randomUUID } from 'node:crypto';
import { GoogleFault } from '../core/fault.ts';
import type { JsonMap } from '../core/json.ts';
import type { RunPort, Strike, World } from '../core/ports.ts';
import type { RunFront } from './front.ts';
import { revisionName, violation } from './names.ts';
import { etagOf, type RunRevision, type RunService, type TrafficTarget } from './state.ts';
import { imageOf, setupOf, templateOf } from './template.ts';
import { ALL_TO_LATEST, checkTargets, minInstances, readTraffic, targetForm } from './traffic.ts';

type DeployWish = Parameters<RunPort['deploy']>[0];

/** As Cloud Functions names them. */
const INGRESS: Readonly<Record<string, string>> = {
  ALLOW_ALL: 'INGRESS_TRAFFIC_ALL',
  ALLOW_INTERNAL_ONLY: 'INGRESS_TRAFFIC_INTERNAL_ONLY',
  ALLOW_INTERNAL_AND_GCLB: 'INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER',
};

/** All services, and what changes them. */
export class RunServices {
  readonly #world: World;
  readonly #front: RunFront;
  readonly #services = new Map<string, RunService>();

  constructor(world: World, front: RunFront) {
    this.#world = world;
    this.#front = front;
  }

  all(): readonly RunService[] {
    return [...this.#services.values()];
  }

  get(name: string): RunService | undefined {
    return this.#services.get(name);
  }

  /** The service, and the tag, that answer at an address. */
  at(url: string): { readonly service: RunService; readonly tag: string | undefined } | undefined {
    const { origin } = new URL(url);
    for (const service of this.#services.values()) {
      if (service.url === origin) return { service, tag: undefined };
      for (const [tag, address] of service.tags) if (address === origin) return { service, tag };
    }
    return undefined;
  }

  /** A new revision for a function, and what else it wishes of its service. */
  async deploy(wish: DeployWish): Promise<{ readonly revision: string; readonly url: string }> {
    this.#checkAccount(wish.setup.serviceAccount);
    const known = this.#services.get(wish.serviceName);
    if (known) this.checkFree(known);
    const { folder, entryPoint } = wish.setup;
    const source = { folder, entryPoint };
    const service = known ?? (await this.#create(wish.serviceName, source));
    service.source = source;
    const isFirst = known === undefined;
    const pinned = service.config['traffic'];
    const traffic = wish.allTrafficOnLatest ? unpinned(service.traffic).map(targetForm) : pinned;
    const config = {
      ...service.config,
      labels: { ...wish.labels, 'goog-managed-by': 'cloudfunctions' },
      ingress: INGRESS[wish.ingress] ?? (wish.ingress || 'INGRESS_TRAFFIC_ALL'),
      scaling: { minInstanceCount: wish.minInstances },
      template: templateOf(this.#world, service.shortName, wish.setup),
      traffic: isFirst ? ALL_TO_LATEST.map(targetForm) : traffic,
    };
    this.begin(service, config);
    await this.finish(service, true);
    return { revision: service.latestCreated, url: service.url };
  }

  /** @throws GoogleFault ABORTED while another change is made, or when the etag is an old one */
  checkFree(service: RunService, etag = ''): void {
    const current = etagOf(service);
    const isStale = etag !== '' && etag !== current;
    if (!isStale && !service.isChanging && !service.isDeleting) return;
    throw new GoogleFault(
      'ABORTED',
      `Conflict for resource '${service.shortName}': version '${versionOf(service, isStale)}' was specified but current version is '${service.version}'.`,
    );
  }

  /** Takes a change: from now on it is what the service shall be. */
  begin(service: RunService, config: JsonMap): void {
    service.config = config;
    service.generation += 1;
    service.isChanging = true;
    this.#touch(service);
  }

  /** Makes it so. @throws GoogleFault when it cannot be; the traffic stays as it was then */
  async finish(service: RunService, isNewRevision: boolean, strike?: Strike): Promise<void> {
    try {
      strike?.();
      if (isNewRevision) await this.#addRevision(service);
      const targets = readTraffic(service.shortName, service.config['traffic']);
      checkTargets(service, targets);
      await this.#route(service, targets);
      service.problem = '';
    } catch (error) {
      service.problem = error instanceof Error ? error.message : String(error);
      throw error;
    } finally {
      service.isChanging = false;
      service.observedGeneration = service.generation;
      this.#touch(service);
    }
  }

  /** Refuses what no revision could be made of. */
  checkTemplate(service: RunService, template: JsonMap): void {
    const { serviceAccount } = setupOf(template);
    const [latest] = service.revisions.slice(-1);
    if (latest && imageOf(template) !== imageOf(latest.template)) {
      throw violation(
        'Violation in UpdateServiceRequest.service.template.containers[0].image',
        `Image '${imageOf(template)}' not found.`,
      );
    }
    this.#checkAccount(serviceAccount);
  }

  /** Takes the service away, and all that was made for it. */
  async remove(service: RunService): Promise<void> {
    service.isDeleting = true;
    this.#touch(service);
    await Promise.all([
      this.#world.planes.close(planeName(service)),
      ...[...service.tags.keys()].map((tag) => this.#world.planes.close(planeName(service, tag))),
      ...service.revisions.map(({ fleet }) => fleet.stop()),
    ]);
    this.#world.policies.delete(service.name);
    this.#services.delete(service.name);
  }

  async removeRevision(service: RunService, revision: RunRevision): Promise<void> {
    await revision.fleet.stop();
    const at = service.revisions.indexOf(revision);
    if (at !== -1) service.revisions.splice(at, 1);
  }

  async #create(name: string, source: RunService['source']): Promise<RunService> {
    const now = this.#world.clock.now();
    const service: RunService = {
      name,
      shortName: name.split('/').at(-1) ?? name,
      uid: randomUUID(),
      createdMs: now,
      updatedMs: now,
      config: {},
      source,
      generation: 0,
      observedGeneration: 0,
      version: now * 1000,
      made: 0,
      revisions: [],
      traffic: [],
      latestCreated: '',
      latestReady: '',
      isChanging: true,
      isDeleting: false,
      problem: '',
      url: '',
      tags: new Map(),
    };
    this.#services.set(name, service);
    service.url = await this.#open(service, undefined);
    return service;
  }

  async #addRevision(service: RunService): Promise<void> {
    const template = service.config['template'];
    const revision = this.#revision(service, asMap(template));
    try {
      await revision.fleet.probe();
      revision.state = 'ready';
      service.latestReady = revision.name;
    } catch (error) {
      revision.state = 'failed';
      revision.problem = error instanceof Error ? error.message : String(error);
      await revision.fleet.stop();
      throw error;
    } finally {
      revision.updatedMs = this.#world.clock.now();
    }
  }

  #revision(service: RunService, template: JsonMap): RunRevision {
    const now = this.#world.clock.now();
    service.made += 1;
    const wished = template['revision'];
    const name =
      typeof wished === 'string' ? wished : revisionName(service.shortName, service.made);
    const setup = {
      ...setupOf(template),
      ...service.source,
      service: service.shortName,
      serviceName: service.name,
      revision: name,
      minInstances: 0,
    };
    const revision: RunRevision = {
      name,
      uid: randomUUID(),
      number: service.made,
      createdMs: now,
      updatedMs: now,
      template,
      setup,
      fleet: this.#world.runtime.start(setup),
      state: 'starting',
      problem: '',
    };
    service.revisions.push(revision);
    service.latestCreated = name;
    return revision;
  }

  /** Lets traffic flow so: tags get their addresses, and instances that are kept ready go along. */
  async #route(service: RunService, targets: readonly TrafficTarget[]): Promise<void> {
    const tags = new Set(targets.flatMap(({ tag }) => (tag === '' ? [] : [tag])));
    for (const tag of tags)
      if (!service.tags.has(tag)) service.tags.set(tag, await this.#open(service, tag));
    service.traffic = targets;
    for (const tag of service.tags.keys()) {
      if (tags.has(tag)) continue;
      service.tags.delete(tag);
      await this.#world.planes.close(planeName(service, tag));
    }
    for (const revision of service.revisions)
      revision.fleet.setMinInstances(minInstances(service, revision));
  }

  #open(service: RunService, tag: string | undefined): Promise<string> {
    return this.#world.planes.open({
      name: planeName(service, tag),
      handle: (request) => this.#front.handle(service, tag, request, false),
      isDeployers: (request) => this.#front.isDeployers(request),
      isWrite: () => false,
    });
  }

  #touch(service: RunService): void {
    service.updatedMs = this.#world.clock.now();
    service.version += 1;
  }

  #checkAccount(email: string): void {
    if (this.#world.identity.accountExists(email)) return;
    throw new GoogleFault(
      'PERMISSION_DENIED',
      `Permission 'iam.serviceaccounts.actAs' denied on service account ${email} (or it may not exist).`,
    );
  }
}

function planeName({ shortName }: RunService, tag?: string): string {
  return tag === undefined ? `service:${shortName}` : `service:${tag}---${shortName}`;
}

/** Tags stay where they are when all traffic goes to the latest. */
function unpinned(traffic: readonly TrafficTarget[]): readonly TrafficTarget[] {
  const tagged = traffic.filter(({ tag }) => tag !== '');
  return [...ALL_TO_LATEST, ...tagged.map((target) => ({ ...target, percent: 0 }))];
}

function versionOf({ version }: RunService, isStale: boolean): string {
  return String(isStale ? version - 1 : version);
}

function asMap(value: unknown): JsonMap {
  if (typeof value !== 'object' || value === null) throw new Error('A service has a template.');
  return { ...value };
}
