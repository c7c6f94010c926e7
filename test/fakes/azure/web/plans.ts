/** `Microsoft.Web/serverfarms`. */
import type { ArmCall, WireReply } from '../core/ports.ts';
import { ArmFault } from '../core/service.ts';
import { has, numberOf, objectOf, textOf, textsOf, type Json } from './body.ts';
import {
  WebFault,
  badRequest,
  conflict,
  invalidParameter,
  noResource,
  planBusy,
} from './faults.ts';
import { regionKey, regionName } from './regions.ts';
import { PLAN_MS, type PlanFamily, type PlanState, type WebState } from './state.ts';

const TIERS: Readonly<Record<PlanFamily, string>> = {
  flex: 'FlexConsumption',
  consumption: 'Dynamic',
  premium: 'ElasticPremium',
};
const FAMILIES: Readonly<Record<string, PlanFamily>> = {
  FC1: 'flex',
  Y1: 'consumption',
  EP1: 'premium',
  EP2: 'premium',
  EP3: 'premium',
};
const NAME = /^[\w-]{1,60}$/;
const MAX_WORKERS = 100;

interface PlanPath {
  readonly id: string;
  readonly name: string;
  readonly group: string;
}

export function handlePlan(state: WebState, call: ArmCall, path: PlanPath): WireReply | undefined {
  if (call.method === 'PUT') return put(state, call, path);
  const plan = state.plan(path.id);
  if (call.method === 'DELETE') return remove(state, plan);
  if (!plan) throw noResource('serverFarms', path.name, path.group);
  if (call.method === 'PATCH') return patch(state, call, plan);
  return call.method === 'GET' ? { status: 200, body: describePlan(state, plan) } : undefined;
}

function put(state: WebState, call: ArmCall, path: PlanPath): WireReply {
  const { body } = call;
  if (!NAME.test(path.name)) throw invalidParameter('name');
  const location = textOf(body, 'location');
  if (location === undefined) {
    throw new ArmFault(
      400,
      'LocationRequired',
      'The location property is required for this definition.',
    );
  }
  const before = state.plan(path.id);
  if (before?.operation) throw planBusy(before.operation);
  const sku = readSku(body);
  const reserved = objectOf(body, 'properties')['reserved'] ?? objectOf(body)['reserved'];
  const isReserved = reserved === true;
  if (sku.family === 'flex') checkFlex(state, location, isReserved);
  if (before && (before.family !== sku.family || before.reserved !== isReserved)) {
    throw conflict(
      'The plan {0} cannot be changed from {1} to {2}.',
      path.name,
      before.sku.tier,
      sku.tier,
    );
  }
  if (before && regionKey(before.location) !== regionKey(location)) {
    throw new ArmFault(
      409,
      'InvalidResourceLocation',
      `The resource '${path.name}' already exists in location '${regionKey(before.location)}' in resource group '${path.group}'. A resource with the same name cannot be created in location '${regionKey(location)}'. Please select a new resource name.`,
    );
  }
  const workers = readWorkers(body, sku.family) ?? before?.maximumElasticWorkerCount ?? 1;
  const plan: PlanState = before ?? {
    id: path.id,
    name: path.name,
    group: path.group,
    location,
    kind: sku.family === 'premium' ? 'elastic' : 'functionapp',
    family: sku.family,
    sku,
    reserved: isReserved,
    tags: {},
    maximumElasticWorkerCount: workers,
    zoneRedundant: false,
    operation: undefined,
  };
  plan.sku = { name: sku.name, tier: sku.tier };
  plan.tags = textsOf(body, 'tags') ?? {};
  plan.maximumElasticWorkerCount = workers;
  plan.zoneRedundant = readZones(body) ?? plan.zoneRedundant;
  plan.operation = state.operation(before ? 'Update' : 'Create');
  state.plans.set(path.id.toLowerCase(), plan);
  const headers = state.world.operations.begin({
    durationMs: PLAN_MS,
    end: () => {
      plan.operation = undefined;
    },
  });
  return { status: 202, headers, body: describePlan(state, plan) };
}

function patch(state: WebState, call: ArmCall, plan: PlanState): WireReply {
  if (plan.operation) throw planBusy(plan.operation);
  plan.tags = textsOf(call.body, 'tags') ?? plan.tags;
  plan.maximumElasticWorkerCount =
    readWorkers(call.body, plan.family) ?? plan.maximumElasticWorkerCount;
  plan.zoneRedundant = readZones(call.body) ?? plan.zoneRedundant;
  return { status: 200, body: describePlan(state, plan) };
}

function remove(state: WebState, plan: PlanState | undefined): WireReply {
  if (!plan) return { status: 204 };
  if (plan.operation) throw planBusy(plan.operation);
  const apps = state.appsOn(plan.id);
  if (apps.length > 0) {
    throw new WebFault(
      409,
      "Server farm '{0}' cannot be deleted because it has web app(s) {1} assigned to it.",
      [plan.name, apps.map((app) => app.name).join(', ')],
      '11003',
    );
  }
  state.plans.delete(plan.id.toLowerCase());
  return { status: 200 };
}

function readSku(body: unknown): { name: string; tier: string; family: PlanFamily } {
  const name = (textOf(body, 'sku', 'name') ?? '').toUpperCase();
  const family = FAMILIES[name];
  if (!family) throw invalidParameter('SKU.Name');
  const tier = textOf(body, 'sku', 'tier') ?? TIERS[family];
  if (tier.toLowerCase() !== TIERS[family].toLowerCase()) throw invalidParameter('SKU.Tier');
  return { name, tier: TIERS[family], family };
}

function readWorkers(body: unknown, family: PlanFamily): number | undefined {
  if (!has(body, 'properties', 'maximumElasticWorkerCount')) return undefined;
  const count = numberOf(body, 'properties', 'maximumElasticWorkerCount') ?? -1;
  const isRight = Number.isInteger(count) && count >= 0 && count <= MAX_WORKERS;
  if (!isRight || (family === 'premium' && count < 1)) {
    throw invalidParameter('MaximumElasticWorkerCount');
  }
  return count;
}

/** Undefined: not given, so it stays as it is. */
function readZones(body: unknown): boolean | undefined {
  const given = objectOf(body, 'properties')['zoneRedundant'];
  return typeof given === 'boolean' ? given : undefined;
}

function checkFlex(state: WebState, location: string, isReserved: boolean): void {
  const without = state.behaviour.regionsWithoutFlex.map(regionKey);
  if (without.includes(regionKey(location))) {
    throw new WebFault(
      409,
      "Requested features '{0}' not available in region {1}. Please try using a different resource group or create a new one.",
      ['FlexConsumption SKU, Linux Worker', regionName(location)],
      '59314',
    );
  }
  if (!isReserved) {
    throw badRequest('Flex Consumption plans run on Linux only. Set the property {0}.', 'reserved');
  }
}

export function describePlan(state: WebState, plan: PlanState): Json {
  const { name, tier } = plan.sku;
  return {
    id: plan.id,
    name: plan.name,
    type: 'Microsoft.Web/serverfarms',
    kind: plan.kind,
    location: regionName(plan.location),
    tags: plan.tags,
    sku: { name, tier, size: name, family: name.replace(/\d+$/, ''), capacity: 1 },
    properties: {
      name: plan.name,
      status: 'Ready',
      provisioningState: plan.operation ? 'InProgress' : 'Succeeded',
      reserved: plan.reserved,
      numberOfSites: state.appsOn(plan.id).length,
      maximumElasticWorkerCount: plan.maximumElasticWorkerCount,
      elasticScaleEnabled: plan.family === 'premium',
      maximumNumberOfWorkers: plan.family === 'flex' ? 1000 : 100,
      geoRegion: regionName(plan.location),
      resourceGroup: plan.group,
      subscription: state.world.subscriptionId,
      zoneRedundant: plan.zoneRedundant,
    },
  };
}
