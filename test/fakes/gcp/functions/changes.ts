/** What changes a function: each an operation, one at a time. */
import { GoogleFault } from '../core/fault.ts';
import { mapOf, type JsonMap } from '../core/json.ts';
import { applyMask } from '../core/proto-json.ts';
import type { RestCall, Strike, World } from '../core/ports.ts';
import { build, deploy, readSource } from './deployment.ts';
import { DELETE_MS, DEPLOY_MS, progressOf } from './progress.ts';
import { checkFunctionId, checkWish } from './rules.ts';
import { serviceNameOf, type FunctionStore, type StoredFunction } from './store.ts';
import { shown } from './view.ts';
import { withDefaults } from './wish.ts';

const FUNCTION_TYPE = 'type.googleapis.com/google.cloud.functions.v2.Function';
const EMPTY_TYPE = 'type.googleapis.com/google.protobuf.Empty';

export class FunctionChanges {
  readonly #world: World;
  readonly #store: FunctionStore;
  readonly #busy = new Set<string>();

  constructor(world: World, store: FunctionStore) {
    this.#world = world;
    this.#store = store;
  }

  create(
    call: RestCall,
    { name, wish }: { readonly name: string; readonly wish: JsonMap },
  ): object {
    checkFunctionId(name.split('/').at(-1) ?? '');
    this.#refuseBusy(name);
    if (this.#store.get(name)) {
      throw new GoogleFault('ALREADY_EXISTS', `Resource '${name}' already exists`);
    }
    const config = { ...wish, name };
    checkWish(this.#world, call, config);
    const zip = readSource(this.#world, config);
    const now = this.#world.clock.now();
    const stored: StoredFunction = {
      name,
      createdAt: now,
      updatedAt: now,
      config: withDefaults(this.#world, config),
      state: 'DEPLOYING',
      stateMessages: [],
      deployed: undefined,
    };
    this.#store.put(stored);
    return this.#deploy('create', zip, stored, stored);
  }

  /** @param paths of the mask; without one, everything is replaced */
  update(
    call: RestCall,
    {
      stored,
      wish,
      paths,
    }: {
      readonly stored: StoredFunction;
      readonly wish: JsonMap;
      readonly paths: readonly string[];
    },
  ): object {
    const { name } = stored;
    this.#refuseBusy(name);
    const before = this.#withTraffic(stored);
    const merged = paths.length === 0 ? { ...wish } : applyMask(before, wish, paths);
    const config = { environment: 'GEN_2', ...merged, name };
    checkWish(this.#world, call, config);
    const zip = readSource(this.#world, config);
    const next: StoredFunction = {
      ...stored,
      config: withDefaults(this.#world, config),
      state: 'DEPLOYING',
    };
    // Until it is there, it is shown as it is.
    this.#store.put({ ...stored, state: 'DEPLOYING' });
    return this.#deploy('update', zip, next, stored);
  }

  delete(stored: StoredFunction): object {
    const { name } = stored;
    this.#refuseBusy(name);
    this.#store.put({ ...stored, state: 'DELETING' });
    return this.#begin('delete', name, DELETE_MS, async (strike) => {
      strike();
      await this.#world.run.delete(serviceNameOf(name));
      this.#world.policies.delete(name);
      this.#store.delete(name);
      return { '@type': EMPTY_TYPE };
    });
  }

  /** @param before what remains when an update fails */
  #deploy(
    verb: 'create' | 'update',
    zip: Buffer,
    next: StoredFunction,
    before: StoredFunction,
  ): object {
    const { name, config } = next;
    return this.#begin(verb, name, DEPLOY_MS, async (strike) => {
      try {
        strike();
        this.#refuseStrangeService(next);
        const { folder, build: buildName } = await build(this.#world, zip, config);
        const deployed = await deploy(this.#world, config, folder);
        const active: StoredFunction = {
          ...next,
          state: 'ACTIVE',
          stateMessages: [],
          updatedAt: this.#world.clock.now(),
          deployed: { ...deployed, build: buildName },
        };
        this.#store.put(active);
        return { '@type': FUNCTION_TYPE, ...shown(this.#world, active) };
      } catch (error) {
        this.#store.put({
          ...before,
          state: before.deployed ? 'ACTIVE' : 'FAILED',
          updatedAt: this.#world.clock.now(),
          stateMessages: [messageOf(error)],
        });
        throw error;
      }
    });
  }

  #begin(
    verb: 'create' | 'update' | 'delete',
    name: string,
    durationMs: number,
    work: (strike: Strike) => Promise<object>,
  ): object {
    const progress = progressOf(this.#world.clock, {
      target: name,
      verb,
      buildName: undefined,
    });
    this.#busy.add(name);
    return this.#world.operations.begin({
      api: 'functions',
      parent: name.replace(/\/functions\/.*$/, ''),
      target: name,
      verb,
      durationMs,
      metadata: () => progress.metadata(),
      end: async (strike) => {
        try {
          return await work(strike);
        } finally {
          this.#busy.delete(name);
          progress.end();
        }
      },
    });
  }

  #refuseBusy(name: string): void {
    if (!this.#busy.has(name)) return;
    throw new GoogleFault('ABORTED', 'unable to queue the operation');
  }

  /** A service of that name that is no function's is not taken over. */
  #refuseStrangeService({ name, deployed }: StoredFunction): void {
    const service = serviceNameOf(name);
    if (deployed || this.#world.run.urlOf(service) === undefined) return;
    throw new GoogleFault(
      'ALREADY_EXISTS',
      `Could not create Cloud Run service ${name.split('/').at(-1) ?? name}. A Cloud Run service with this name already exists. Please redeploy the function with a different name.`,
    );
  }

  /** With what Cloud Run says of the traffic: an update that is not about it leaves it so. */
  #withTraffic({ name, config, deployed }: StoredFunction): JsonMap {
    if (!deployed) return config;
    const allTrafficOnLatestRevision = this.#world.run.isOnLatest(serviceNameOf(name));
    return {
      ...config,
      serviceConfig: { ...mapOf(config['serviceConfig']), allTrafficOnLatestRevision },
    };
  }
}

function messageOf(error: unknown): StoredFunction['stateMessages'][number] {
  const message = error instanceof Error ? error.message : String(error);
  const type = message.startsWith('Build failed')
    ? 'CloudBuildBuildFailed'
    : 'CloudRunServiceError';
  return { severity: 'ERROR', type, message };
}
