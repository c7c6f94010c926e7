/** Functions on the fake of Azure, and the steps of plans done to them. No code runs: sites have no package. */
import type { Binding, CallContext, JsonObject, JsonValue, Step } from 'polyfaas/spi';
import { createClients } from '../../../providers/azure/clients/create.ts';
import type { AzureClients } from '../../../providers/azure/clients/index.ts';
import { EVENT_EXECUTORS } from '../../../providers/azure/events/execute.ts';
import { planEventRemoval, planEvents } from '../../../providers/azure/events/plan.ts';
import { planRemoveShared } from '../../../providers/azure/events/shared.ts';
import type { BindingPlan, BindingWish } from '../../../providers/azure/events/types.ts';
import type { Target } from '../../../providers/azure/model.ts';
import {
  API,
  groupId,
  ownershipTags,
  placeOf,
  storageAccountName,
  storageIdOf,
} from '../../../providers/azure/names.ts';
import { EMPTY_RECORD, type FunctionRecord } from '../../../providers/azure/record.ts';
import { encodeRecord } from '../../../providers/azure/tags.ts';
import { resolveObject } from '../../../src/spi/refs.ts';
import { FakeTime } from '../../fakes/aws/core/clock.ts';
import { createAzureFake, type AzureFake } from '../../fakes/azure/index.ts';
import { platform } from './bindings.ts';

const MOST_POLLS = 300;
const GROUP = 'polyfaas-shop-dev';
const LOCATION = 'westeurope';

export class EventWorld {
  readonly clock: FakeTime;
  readonly fake: AzureFake;
  /** As the adapter has them. */
  readonly azure: AzureClients;
  /** For looks of the tests' own. */
  readonly observer: AzureClients;
  readonly warnings: string[] = [];

  private constructor(clock: FakeTime, fake: AzureFake) {
    this.clock = clock;
    this.fake = fake;
    this.azure = clientsOf(fake, fake.credential, clock);
    this.observer = clientsOf(fake, fake.observer, clock);
  }

  static async start(): Promise<EventWorld> {
    const clock = new FakeTime(Date.UTC(2026, 10, 21, 12));
    const world = new EventWorld(clock, await createAzureFake({ clock, location: LOCATION }));
    await world.put(groupId(world.fake.subscriptionId, GROUP), API.group, { location: LOCATION });
    return world;
  }

  async stop(): Promise<void> {
    this.azure.close();
    this.observer.close();
    await this.fake.stop();
  }

  /** A PUT of the tests' own. Waits until the resource is there. */
  async put(path: string, apiVersion: string, body: object): Promise<JsonObject> {
    const { signal } = new AbortController();
    await this.observer.arm({ method: 'PUT', path, apiVersion, body, signal });
    await this.clock.advance(120_000);
    return (await this.get(path, apiVersion)) ?? {};
  }

  async get(path: string, apiVersion: string): Promise<JsonObject | undefined> {
    const { signal } = new AbortController();
    try {
      const { body } = await this.observer.arm({ method: 'GET', path, apiVersion, signal });
      return typeof body === 'object' && body !== null && !Array.isArray(body)
        ? Object.fromEntries(Object.entries(body))
        : {};
    } catch {
      return undefined;
    }
  }

  /** What of the inventory is a source, or stands between one and a function. */
  sources(): readonly string[] {
    const others =
      /^(resource group|web |managed identity|user assigned|app service|storage account pf)|packages$/;
    return this.fake.inventory().filter((line) => !others.test(line));
  }

  /** A function app with its identity and its storage account, as a deploy makes them. */
  async function(name: string): Promise<EventFunction> {
    const { subscriptionId } = this.fake;
    const ref = { app: 'shop', stage: 'dev', name };
    const place = placeOf(ref, subscriptionId, { resourceGroup: GROUP, siteNames: {} });
    const tags = ownershipTags(ref);
    const identity = await this.put(place.ownIdentityId, API.identity, {
      location: LOCATION,
      tags,
    });
    const { principalId, clientId } = Object(identity['properties']);
    await this.put(place.ownStorageId, API.storage, {
      location: LOCATION,
      tags,
      sku: { name: 'Standard_LRS' },
      kind: 'StorageV2',
      properties: {},
    });
    await this.put(`${place.ownStorageId}/blobServices/default/containers/packages`, API.storage, {
      properties: {},
    });
    const planId = place.planId;
    await this.put(planId, API.web, {
      location: LOCATION,
      kind: 'functionapp',
      sku: { name: 'FC1', tier: 'FlexConsumption' },
      properties: { reserved: true },
    });
    const target: Target = {
      ref,
      physicalName: place.physicalName,
      subscriptionId,
      resourceGroup: GROUP,
      location: LOCATION,
      siteId: place.siteId,
      storageAccount: storageAccountName(ref, subscriptionId),
      identityId: place.ownIdentityId,
      principalId: String(principalId),
      clientId: String(clientId),
    };
    const made = new EventFunction(this, target, planId);
    await made.putSite();
    return made;
  }

  /** Does steps as the engine does, and answers their outputs. */
  async run(steps: readonly Step[]): Promise<ReadonlyMap<string, JsonObject>> {
    const outputs = new Map<string, JsonObject>();
    for (const step of steps) {
      const input = resolveObject(step.input, outputs);
      outputs.set(step.id, await this.#one({ ...step, input }));
    }
    return outputs;
  }

  async #one(step: Step): Promise<JsonObject> {
    const execute = EVENT_EXECUTORS[step.kind];
    if (!execute) throw new Error(`Nobody does ${step.kind}`);
    let resume: JsonValue | undefined;
    for (let poll = 0; poll < MOST_POLLS; poll += 1) {
      const result = await execute(this.azure, step, this.#call(resume));
      if (result.done) return result.output ?? {};
      resume = result.resume;
      await this.clock.advance(result.pollAfterMs);
    }
    throw new Error(`${step.id} does not end`);
  }

  #call(resume: JsonValue | undefined): CallContext {
    return {
      signal: new AbortController().signal,
      clock: {
        now: () => this.clock.now(),
        after: (ms, callback) => this.clock.after(ms, callback),
        sleep: (ms) => this.clock.advance(ms),
      },
      random: () => 0.5,
      warn: (message) => void this.warnings.push(message),
      artifacts: { get: () => Promise.reject(new Error('There is no artifact here')) },
      log: { log: (_level, message) => void this.warnings.push(message) },
      ...(resume === undefined ? {} : { resume }),
    };
  }
}

/** One function and its record, as the deploy planner keeps them. */
export class EventFunction {
  record: FunctionRecord = EMPTY_RECORD;
  /** What the last plan put into the app settings, its references resolved. */
  settings: JsonObject = {};
  readonly world: EventWorld;
  readonly target: Target;
  readonly #planId: string;

  constructor(world: EventWorld, target: Target, planId: string) {
    this.world = world;
    this.target = target;
    this.#planId = planId;
  }

  /** The site, its tags holding the record. */
  async putSite(): Promise<void> {
    const { siteId, ref, location, identityId, storageAccount } = this.target;
    await this.world.put(siteId, API.web, {
      location,
      kind: 'functionapp,linux',
      tags: { ...ownershipTags(ref), ...encodeRecord(this.record) },
      identity: { type: 'UserAssigned', userAssignedIdentities: { [identityId]: {} } },
      properties: {
        serverFarmId: this.#planId,
        functionAppConfig: {
          deployment: {
            storage: {
              type: 'blobContainer',
              value: `${this.world.fake.world.storage.blobEndpoint(storageAccount)}packages`,
              authentication: {
                type: 'UserAssignedIdentity',
                userAssignedIdentityResourceId: identityId,
              },
            },
          },
          runtime: { name: 'node', version: '22' },
          scaleAndConcurrency: { instanceMemoryMB: 2048, maximumInstanceCount: 100 },
        },
      },
    });
  }

  wish(bindings: readonly Binding[], change: Partial<BindingWish> = {}): BindingWish {
    return {
      target: this.target,
      identity: { account: this.target.subscriptionId, region: LOCATION },
      platform: platform(),
      plan: 'flex',
      record: this.record,
      bindings,
      timeoutSeconds: 30,
      ...change,
    };
  }

  /** Brings the function to these bindings. */
  async bind(bindings: readonly Binding[], change: Partial<BindingWish> = {}): Promise<void> {
    const plan = planEvents(this.wish(bindings, change));
    await this.world.run(plan.checks);
    await this.begin(plan, bindings);
    const outputs = await this.world.run(plan.sources);
    this.settings = resolveObject(JSON.parse(JSON.stringify(plan.settings)), outputs);
    await this.world.run(plan.after);
    await this.world.run(plan.retire);
    this.record = { ...this.record, bindings, pending: [], made: plan.kept };
    await this.putSite();
  }

  /** What is written down before the first step. */
  async begin(plan: BindingPlan, bindings: readonly Binding[]): Promise<void> {
    this.record = { ...this.record, bindings, pending: plan.touched, made: plan.made };
    await this.putSite();
  }

  /** As `remove` of the function does it. */
  async remove(change: Partial<BindingWish> = {}): Promise<void> {
    await this.world.run(planEventRemoval(this.wish([], change)));
    const { siteId } = this.target;
    const { signal } = new AbortController();
    const gone = [
      { path: siteId, apiVersion: API.web },
      { path: storageIdOf(this.target), apiVersion: API.storage },
    ];
    for (const one of gone) {
      await this.world.observer.arm({ method: 'DELETE', ...one, signal });
      await this.world.clock.advance(60_000);
    }
    await this.world.run([planRemoveShared(this.target)]);
  }
}

function clientsOf(
  fake: AzureFake,
  credential: AzureFake['credential'],
  clock: FakeTime,
): AzureClients {
  return createClients(
    {
      ...platform({
        subscriptionId: fake.subscriptionId,
        endpoint: fake.endpoint,
        credential,
      }).clients,
    },
    () => clock.now(),
  );
}
