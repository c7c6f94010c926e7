/** Makes the hosts that the functions of an app and stage share. */
import type { Executor } from '../model.ts';
import { again } from '../arm/turn.ts';
import { textsAt } from '../arm/json.ts';
import { isUnderWay, put, read, refusal, stateOf } from './arm.ts';
import { EVENT_API } from './api-versions.ts';
import { databaseIdIn } from './arm-id.ts';
import { isShared, sharedTags, type SharedHost, type SharedService } from './shared.ts';
import { done, inputOf, type Where } from './steps.ts';

export const HOST_API: Readonly<Record<SharedService, string>> = {
  storage: EVENT_API.storage,
  serviceBus: EVENT_API.serviceBus,
  eventHubs: EVENT_API.eventHubs,
  cosmos: EVENT_API.cosmos,
};

const BODIES: Readonly<Record<SharedService, (location: string) => object>> = {
  storage: () => ({
    sku: { name: 'Standard_LRS' },
    kind: 'StorageV2',
    properties: {
      minimumTlsVersion: 'TLS1_2',
      supportsHttpsTrafficOnly: true,
      allowBlobPublicAccess: false,
    },
  }),
  // Topics begin with Standard (Service Bus, "Service Bus Premium and Standard messaging tiers").
  serviceBus: () => ({
    sku: { name: 'Standard', tier: 'Standard' },
    properties: { minimumTlsVersion: '1.2' },
  }),
  // Consumer groups begin with Standard (Event Hubs, "Compare Azure Event Hubs tiers").
  eventHubs: () => ({
    sku: { name: 'Standard', tier: 'Standard', capacity: 1 },
    properties: { minimumTlsVersion: '1.2' },
  }),
  cosmos: (location) => ({
    kind: 'GlobalDocumentDB',
    properties: {
      databaseAccountOfferType: 'Standard',
      locations: [{ locationName: location, failoverPriority: 0, isZoneRedundant: false }],
      capabilities: [{ name: 'EnableServerless' }],
      consistencyPolicy: { defaultConsistencyLevel: 'Session' },
    },
  }),
};

/** Makes the host, or waits for the one that is there. */
export const ensureHost: Executor = async (azure, step, call) => {
  const { target, host } = inputOf<{ host: SharedHost }>(step);
  const resource = { path: host.id, apiVersion: HOST_API[host.service] };
  if (!isUnderWay(call)) {
    const found = await read(azure, resource, call);
    if (found !== undefined) {
      if (!isShared(target, textsAt(found, 'tags'))) throw taken(target, host);
      const state = stateOf(found);
      if (state === 'ready') return done();
      if (state !== 'failed') return again(call, { stage: `the ${host.service} host is ${state}` });
    }
  }
  return await put(azure, resource, bodyOf(target, host), call, `making "${host.name}"`);
};

function bodyOf(target: Where, { service }: SharedHost): object {
  const { location } = target;
  return { location, tags: sharedTags(target), ...BODIES[service](location) };
}

function taken(target: Where, { name }: SharedHost): Error {
  return refusal(
    target,
    'ALREADY_EXISTS',
    `"${name}" exists and is not shared by the functions of app "${target.ref.app}", stage "${target.ref.stage}". Name a host of your own in providerOptions.azure, or choose another resource group.`,
  );
}

/** Makes the database in the shared account. */
export const ensureDatabase: Executor = async (azure, step, call) => {
  const { accountId, database } = inputOf<{ accountId: string; database: string }>(step);
  const resource = databaseOf(accountId, database);
  if (!isUnderWay(call) && (await read(azure, resource, call)) !== undefined) return done();
  const body = { properties: { resource: { id: database }, options: {} } };
  return await put(azure, resource, body, call, 'making the database');
};

function databaseOf(accountId: string, database: string): { path: string; apiVersion: string } {
  return { path: databaseIdIn(accountId, database), apiVersion: EVENT_API.cosmos };
}
