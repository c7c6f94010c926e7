/** The storage account that the Functions host works with, and what of ours is in it. */
import type { CallContext, StepResult } from 'polyfaas/spi';
import { read } from '../arm/calls.ts';
import { textsAt } from '../arm/json.ts';
import { operate, type Progress } from '../arm/operation.ts';
import type { AzureClients } from '../clients/index.ts';
import { ifThere } from '../errors.ts';
import { disallowSources } from '../events/allow.ts';
import { containerIdIn, queueIdIn } from '../events/arm-id.ts';
import { UNDELIVERED_CONTAINER } from '../events/names.ts';
import { ASYNC_QUEUE } from '../manifest.ts';
import type { Executor } from '../model.ts';
import { API, isOwnedBy, ownershipTags, storageIdOf } from '../names.ts';
import { CONTAINER } from '../package/note.ts';
import { endpointsIn, rememberEndpoints } from '../package/storage.ts';
import { hostRoles, isOwnIdentity } from '../plan/foundation.ts';
import { inputOf, type KnownTarget } from '../step-input.ts';
import { again, keptOf } from '../arm/turn.ts';
import { ensure } from './ensure.ts';
import { refusal, refuseForeign } from './refusals.ts';

const containerPath = (account: string): string => containerIdIn(account, CONTAINER);
const queuePath = (account: string): string => queueIdIn(account, ASYNC_QUEUE);

/** All that is made in an account, but for the queues of bindings, which go with them. */
const ownPaths = (account: string): readonly string[] => [
  containerPath(account),
  containerIdIn(account, UNDELIVERED_CONTAINER),
  queuePath(account),
  // The host moves there what crashed too often.
  `${queuePath(account)}-poison`,
];

export const ensureStorage: Executor = async (azure, step, call) => {
  const { target, isGiven, sku } = inputOf<{ isGiven: boolean; sku: string }>(step);
  const account = storageIdOf(target);
  const progress = isGiven
    ? await givenAccount(azure, target, account, call)
    : await ownAccount(azure, target, { account, sku }, call);
  if (!progress.done) return progress.result;
  const endpoints = endpointsIn(progress.body);
  if (!endpoints) {
    return again(call, { stage: 'waiting for its addresses', firstMs: 1000, longestMs: 10_000 });
  }
  rememberEndpoints(azure, account, endpoints);
  if (isGiven) await refuseShared(azure, target, account, call);
  const metadata = { [OWNER]: ownerOf(target) };
  const made = [
    { path: containerPath(account), body: { properties: isGiven ? { metadata } : {} } },
    { path: queuePath(account), body: { properties: {} } },
  ];
  for (const { path, body } of made) {
    await azure.arm({ method: 'PUT', path, apiVersion: API.storage, body, signal: call.signal });
  }
  return {
    done: true,
    output: {
      blobEndpoint: endpoints.blob,
      queueEndpoint: endpoints.queue,
      tableEndpoint: endpoints.table,
      containerUrl: `${endpoints.blob.replace(/\/+$/, '')}/${CONTAINER}`,
    },
  };
};

/** The function that works in an account of the user's, in the metadata of the container of its packages. */
const OWNER = 'polyfaasfunction';

function ownerOf({ ref }: KnownTarget): string {
  return `${ref.app}/${ref.stage}/${ref.name}`;
}

/** @throws ServerlessError ALREADY_EXISTS: two functions in one account would serve each other's versions. */
async function refuseShared(
  azure: AzureClients,
  target: KnownTarget,
  account: string,
  { signal }: CallContext,
): Promise<void> {
  const owner = await ownerIn(azure, account, signal);
  if (owner === undefined || owner === ownerOf(target)) return;
  throw refusal(
    target,
    'ALREADY_EXISTS',
    `providerOptions.azure.storageAccount: "${target.storageAccount}" is the account of the function "${owner}", and each function needs one of its own. Name another, or leave the option out so that one is made.`,
  );
}

async function ownerIn(
  azure: AzureClients,
  account: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const container = await read(azure, containerPath(account), API.storage, signal);
  return textsAt(container, 'properties', 'metadata')[OWNER];
}

async function givenAccount(
  azure: AzureClients,
  target: KnownTarget,
  account: string,
  { signal }: CallContext,
): Promise<Progress> {
  const body = await read(azure, account, API.storage, signal);
  if (body !== undefined) return { done: true, body };
  throw refusal(
    target,
    'NOT_FOUND',
    `providerOptions.azure.storageAccount: there is no "${target.storageAccount}" in resource group "${target.resourceGroup}". Create it, or leave the option out so that one is made.`,
  );
}

function ownAccount(
  azure: AzureClients,
  target: KnownTarget,
  { account, sku }: { readonly account: string; readonly sku: string },
  call: CallContext,
): Promise<Progress> {
  const body = {
    sku: { name: sku },
    kind: 'StorageV2',
    location: target.location,
    tags: ownershipTags(target.ref),
    properties: {
      allowBlobPublicAccess: false,
      minimumTlsVersion: 'TLS1_2',
      supportsHttpsTrafficOnly: true,
    },
  };
  return ensure(
    azure,
    call,
    { path: account, apiVersion: API.storage, body },
    {
      stage: 'making the storage account',
      recognise: (found) =>
        refuseForeign(target, `storage account "${target.storageAccount}"`, found),
    },
  );
}

export const deleteStorage: Executor = async (azure, step, call) => {
  const { target, isGiven } = inputOf<{ isGiven: boolean }>(step);
  const account = storageIdOf(target);
  const { signal } = call;
  if (!isOwnIdentity(target) && keptOf(call)['operation'] === undefined) {
    // An identity of the user's stays; what it was allowed here goes.
    const roles = hostRoles(target).map((role) => ({ ...role }));
    const input = { ...step.input, roles };
    const gone = await disallowSources(azure, { ...step, input }, call);
    if (!gone.done) return gone;
  }
  if (isGiven) {
    const owner = await ownerIn(azure, account, signal);
    if (owner !== undefined && owner !== ownerOf(target)) return { done: true };
    for (const path of ownPaths(account)) {
      await ifThere(azure.arm({ method: 'DELETE', path, apiVersion: API.storage, signal }));
    }
    return { done: true };
  }
  return deleteOwned(azure, { target, path: account, apiVersion: API.storage }, call);
};

/** Deletes what carries the tags of this function, and nothing else. */
export async function deleteOwned(
  azure: AzureClients,
  {
    target,
    path,
    apiVersion,
    query,
  }: {
    readonly target: KnownTarget;
    readonly path: string;
    readonly apiVersion: string;
    readonly query?: Readonly<Record<string, string>>;
  },
  call: CallContext,
): Promise<StepResult> {
  if (keptOf(call)['operation'] === undefined) {
    const found = await read(azure, path, apiVersion, call.signal);
    if (found === undefined || !isOwnedBy(target.ref, textsAt(found, 'tags'))) {
      return { done: true };
    }
  }
  const request = { method: 'DELETE', path, apiVersion, ...(query ? { query } : {}) } as const;
  const progress = await ifThere(operate(azure, call, request, 'deleting'));
  return progress === undefined || progress.done ? { done: true } : progress.result;
}
