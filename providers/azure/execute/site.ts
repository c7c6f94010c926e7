/** The function app itself: made, set up, scaled, deleted. */
import type { CallContext, JsonObject, StepResult } from 'polyfaas/spi';
import { read } from '../arm/calls.ts';
import { at, numberAt, objectAt, textAt, textsAt } from '../arm/json.ts';
import { operate } from '../arm/operation.ts';
import type { AzureClients } from '../clients/index.ts';
import { classify, ifThere } from '../errors.ts';
import type { Executor, PlanKind, Target } from '../model.ts';
import { API, isOwnedBy, sameId } from '../names.ts';
import type { FunctionSettings } from '../options.ts';
import type { ScaleWish } from '../plan/wish.ts';
import { inputOf, type KnownTarget } from '../step-input.ts';
import { afresh, keptOf, ofPart, partOf } from '../arm/turn.ts';
import { PREMIUM_WORKERS } from './hosting.ts';
import { conflict, refusal } from './refusals.ts';
import {
  covers,
  linuxVersion,
  newSite,
  scaleConfig,
  siteChange,
  type SiteInput,
} from './site-body.ts';
import { deleteOwned } from './storage.ts';

export const ensureSite: Executor = async (azure, step, call): Promise<StepResult> => {
  const input = inputOf<SiteInput & { adopt: boolean }>(step);
  const { siteId } = input.target;
  const { way } = keptOf(call);
  const turn = partOf(call);
  if (way === 'change') return change(azure, input, {}, turn);
  if (way === 'make') return make(azure, input, turn);
  const found = await read(azure, siteId, API.web, call.signal);
  if (found !== undefined) return bringIntoLine(azure, input, objectAt(found), call);
  try {
    return await make(azure, input, afresh(call));
  } catch (error) {
    // The answer of an earlier attempt may have been lost; else the name is somebody else's, somewhere.
    if (classify(error).code !== 'ALREADY_EXISTS') throw error;
    const appeared = await read(azure, siteId, API.web, call.signal);
    if (appeared === undefined) throw error;
    return bringIntoLine(azure, input, objectAt(appeared), call);
  }
};

async function make(azure: AzureClients, input: SiteInput, turn: CallContext): Promise<StepResult> {
  const request = { method: 'PUT', path: input.target.siteId, apiVersion: API.web } as const;
  const body = newSite(input);
  const made = await operate(azure, turn, { ...request, body }, 'making the function app');
  return made.done ? told(azure, made.body) : ofPart(made.result, { way: 'make' });
}

/** What others set stays as it is, and so do the app settings: they have a step of their own. */
async function bringIntoLine(
  azure: AzureClients,
  input: SiteInput & { readonly adopt: boolean },
  site: JsonObject,
  call: CallContext,
): Promise<StepResult> {
  const { target, adopt } = input;
  if (!adopt && !isOwnedBy(target.ref, textsAt(site, 'tags'))) {
    throw refusal(
      target,
      'ALREADY_EXISTS',
      `The function app "${target.physicalName}" exists and does not belong to function "${target.ref.name}" of app "${target.ref.app}", stage "${target.ref.stage}". Choose another name in providerOptions.azure.siteNames, or deploy with adopt: true to take it over.`,
    );
  }
  await leaveSubnet(azure, input, site, call);
  const wish = siteChange(input, site);
  if (wish === undefined) return told(azure, site);
  return change(azure, input, wish, afresh(call));
}

/** A function app leaves a subnet by a call of its own: to be told none means nothing to it. */
async function leaveSubnet(
  azure: AzureClients,
  { target, formerSubnetId }: SiteInput,
  site: JsonObject,
  { signal }: CallContext,
): Promise<void> {
  const present = textAt(site, 'properties', 'virtualNetworkSubnetId') ?? '';
  if (formerSubnetId === null || !sameId(present, formerSubnetId)) return;
  const path = `${target.siteId}/networkConfig/virtualNetwork`;
  await ifThere(azure.arm({ method: 'DELETE', path, apiVersion: API.web, signal }));
}

async function change(
  azure: AzureClients,
  { target }: SiteInput,
  body: JsonObject,
  turn: CallContext,
): Promise<StepResult> {
  const request = { method: 'PATCH', path: target.siteId, apiVersion: API.web } as const;
  const changed = await operate(azure, turn, { ...request, body }, 'setting the function app up');
  return changed.done ? told(azure, changed.body) : ofPart(changed.result, { way: 'change' });
}

function told({ scheme }: AzureClients, body: Parameters<typeof textAt>[0]): StepResult {
  const hostName = textAt(body, 'properties', 'defaultHostName') ?? '';
  return { done: true, output: { hostName, url: `${scheme}//${hostName}` } };
}

/** How the app grows, and what it runs on. */
export const configureSite: Executor = async (azure, step, call): Promise<StepResult> => {
  const { target, plan, scale, premium } = inputOf<{
    plan: PlanKind;
    scale: ScaleWish;
    premium: FunctionSettings['premium'];
  }>(step);
  if (plan === 'flex') return setScale(azure, target, scale, call);
  const { signal } = call;
  if (premium !== null) {
    await growPlan(azure, target, Math.max(scale.maxInstances, premium.minimum), call);
  }
  const place = { path: `${target.siteId}/config/web`, apiVersion: API.web };
  const { body } = await azure.arm({ method: 'GET', ...place, signal });
  const wish = webConfig(scale, premium);
  const differs = Object.entries(wish).some(([name, value]) => {
    const present = at(body, 'properties', name);
    return typeof value === 'string' && typeof present === 'string'
      ? value.toLowerCase() !== present.toLowerCase()
      : value !== present;
  });
  if (differs) await azure.arm({ method: 'PATCH', ...place, body: { properties: wish }, signal });
  return { done: true };
};

function webConfig(scale: ScaleWish, premium: FunctionSettings['premium']): JsonObject {
  return {
    linuxFxVersion: linuxVersion(scale),
    ...(premium === null
      ? { functionAppScaleLimit: scale.maxInstances }
      : {
          minimumElasticInstanceCount: premium.minimum,
          preWarmedInstanceCount: premium.preWarmed,
        }),
  };
}

async function growPlan(
  azure: AzureClients,
  target: Target,
  wished: number,
  call: CallContext,
): Promise<void> {
  const { signal } = call;
  const site = await read(azure, target.siteId, API.web, signal);
  const path = textAt(site, 'properties', 'serverFarmId') ?? '';
  if (path === '') throw conflict(target, 'its function app is gone');
  const plan = await read(azure, path, API.web, signal);
  const count = Math.min(PREMIUM_WORKERS, wished);
  if (numberAt(plan, 'properties', 'maximumElasticWorkerCount') === count) return;
  const body = { properties: { maximumElasticWorkerCount: count } };
  await azure.arm({ method: 'PATCH', path, apiVersion: API.web, body, signal });
}

/** On Flex Consumption. The whole of the configuration is sent: a part may be taken for the whole. */
export async function setScale(
  azure: AzureClients,
  target: KnownTarget,
  scale: ScaleWish,
  call: CallContext,
): Promise<StepResult> {
  const request = { method: 'PATCH', path: target.siteId, apiVersion: API.web } as const;
  let body: JsonObject = {};
  if (keptOf(call)['operation'] === undefined) {
    const site = await read(azure, target.siteId, API.web, call.signal);
    if (site === undefined) throw conflict(target, 'its function app is gone');
    const present = objectAt(site, 'properties', 'functionAppConfig');
    const wish = scaleConfig(scale);
    if (covers(wish, present)) return { done: true };
    body = { properties: { functionAppConfig: { ...withoutNulls(present), ...wish } } };
  }
  const changed = await operate(azure, call, { ...request, body }, 'changing the instances');
  return changed.done ? { done: true } : changed.result;
}

/** What was never given is told as null. */
function withoutNulls(config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));
}

/** With its slots. Its plan has a step of its own: one that was adopted may hold others. */
export const deleteSite: Executor = (azure, step, call) => {
  const { target } = inputOf<object>(step);
  return deleteOwned(
    azure,
    {
      target,
      path: target.siteId,
      apiVersion: API.web,
      query: { deleteEmptyServerFarm: 'false' },
    },
    call,
  );
};
