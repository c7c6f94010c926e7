/** The App Service plan, which is for one function app alone. */
import { at, numberAt, textAt } from '../arm/json.ts';
import { operate } from '../arm/operation.ts';
import type { Executor } from '../model.ts';
import { API, nameOfId, ownershipTags } from '../names.ts';
import { inputOf } from '../step-input.ts';
import { ensure } from './ensure.ts';
import { refuseForeign, refusal } from './refusals.ts';
import { deleteOwned } from './storage.ts';

const TIERS: Readonly<Record<string, string>> = { FC1: 'FlexConsumption', Y1: 'Dynamic' };
/** Linux, Elastic Premium: instances at most ("Azure Functions Premium plan"). */
export const PREMIUM_WORKERS = 100;

export const ensurePlan: Executor = async (azure, step, call) => {
  const { target, planId, sku, zoneRedundant } = inputOf<{
    planId: string;
    sku: string;
    zoneRedundant: boolean;
  }>(step);
  const tier = TIERS[sku] ?? 'ElasticPremium';
  const isPremium = tier === 'ElasticPremium';
  const body = {
    location: target.location,
    kind: isPremium ? 'elastic' : 'functionapp',
    tags: ownershipTags(target.ref),
    sku: { name: sku, tier },
    properties: {
      // Linux.
      reserved: true,
      ...(zoneRedundant ? { zoneRedundant } : {}),
      ...(isPremium ? { maximumElasticWorkerCount: PREMIUM_WORKERS } : {}),
    },
  };
  const resource = { path: planId, apiVersion: API.web, body };
  const stage = 'making the plan';
  let isOther = false;
  let workers = PREMIUM_WORKERS;
  const progress = await ensure(azure, call, resource, {
    stage,
    recognise: (found) => {
      refuseForeign(target, `plan "${nameOfId(planId)}"`, found);
      // Of a deploy that was broken off before anything noted it.
      if ((at(found, 'properties', 'zoneRedundant') === true) !== zoneRedundant) {
        throw refusal(
          target,
          'INVALID_ARGUMENT',
          `functions.${target.ref.name}.providerOptions.azure.zoneRedundant: the plan "${nameOfId(planId)}" was made ${zoneRedundant ? 'without' : 'with'} zones, and stays so. Set it to ${String(!zoneRedundant)}, or remove the function first.`,
        );
      }
      isOther = textAt(found, 'sku', 'name')?.toUpperCase() !== sku;
      workers = numberAt(found, 'properties', 'maximumElasticWorkerCount') ?? workers;
    },
  });
  if (!progress.done) return progress.result;
  if (!isOther) return { done: true };
  // A plan of another size goes on with as many instances: the function app is still served on it.
  const properties = {
    ...body.properties,
    ...(isPremium ? { maximumElasticWorkerCount: workers } : {}),
  };
  const request = { method: 'PUT', ...resource, body: { ...body, properties } } as const;
  const changed = await operate(azure, call, request, stage);
  return changed.done ? { done: true } : changed.result;
};

export const deletePlan: Executor = (azure, step, call) => {
  const { target, planId } = inputOf<{ planId: string }>(step);
  return deleteOwned(azure, { target, path: planId, apiVersion: API.web }, call);
};
