/** A function app of somebody else's: a Flex Consumption site with a storage account, without our tags. */
import { createHash } from 'node:crypto';
import { at, mapOf, textOf } from './core/json.ts';
import type { WireReply } from './core/ports.ts';
import type { FakeWorld } from './world.ts';

export interface StrangeSite {
  /** Its ARM id. */
  readonly id: string;
  /** True for as long as it is as it was made. */
  untouched(): Promise<boolean>;
  /** Takes away what was made, and the group if it was made and nothing else is in it. */
  remove(): Promise<void>;
}

export interface StrangerOptions {
  readonly siteName: string;
  readonly resourceGroup: string;
  /** Lets simulated time pass: what is made takes some. */
  pass(ms: number): Promise<void>;
}

const WEB = '2025-05-01';
const STORAGE = '2025-01-01';
const RESOURCES = '2025-04-01';
const TAGS = { owner: 'somebody-else' };
const LOOK_MS = 5_000;

export async function makeStranger(
  world: FakeWorld,
  options: StrangerOptions,
): Promise<StrangeSite> {
  const { siteName, resourceGroup } = options;
  const { location } = world;
  const hash = createHash('sha256').update(`${resourceGroup} ${siteName}`).digest('hex');
  const account = `stranger${hash.slice(0, 12)}`;
  const group = `/subscriptions/${world.subscriptionId}/resourceGroups/${resourceGroup}`;
  const storageId = `${group}/providers/Microsoft.Storage/storageAccounts/${account}`;
  const containerId = `${storageId}/blobServices/default/containers/packages`;
  const planId = `${group}/providers/Microsoft.Web/serverfarms/stranger-${hash.slice(0, 12)}`;
  const siteId = `${group}/providers/Microsoft.Web/sites/${siteName}`;
  const isNewGroup = world.arm.groups.get(resourceGroup) === undefined;
  const send = (
    method: string,
    path: string,
    apiVersion: string,
    body?: object,
  ): Promise<WireReply> => call(world, options, { method, path, apiVersion, body });

  if (isNewGroup) await send('PUT', group, RESOURCES, { location });
  await send('PUT', storageId, STORAGE, {
    location,
    tags: TAGS,
    sku: { name: 'Standard_LRS' },
    kind: 'StorageV2',
    properties: {},
  });
  await send('PUT', containerId, STORAGE, {});
  await send('PUT', planId, WEB, {
    location,
    tags: TAGS,
    kind: 'functionapp',
    sku: { name: 'FC1', tier: 'FlexConsumption' },
    properties: { reserved: true },
  });
  const connection = `DefaultEndpointsProtocol=https;AccountName=${account};AccountKey=${world.storage.keyOf(account)};EndpointSuffix=core.windows.net`;
  await send('PUT', siteId, WEB, {
    location,
    tags: TAGS,
    kind: 'functionapp,linux',
    properties: {
      serverFarmId: planId,
      httpsOnly: true,
      functionAppConfig: {
        deployment: {
          storage: {
            type: 'blobContainer',
            value: `${world.storage.blobEndpoint(account)}packages`,
            authentication: {
              type: 'StorageAccountConnectionString',
              storageAccountConnectionStringName: 'DEPLOYMENT_STORAGE',
            },
          },
        },
        runtime: { name: 'node', version: '22' },
        scaleAndConcurrency: { instanceMemoryMB: 2048, maximumInstanceCount: 100 },
      },
      siteConfig: {
        appSettings: [
          { name: 'AzureWebJobsStorage', value: connection },
          { name: 'DEPLOYMENT_STORAGE', value: connection },
        ],
      },
    },
  });

  /** What a hand that changes the site would change. */
  async function look(): Promise<string> {
    const site = await send('GET', siteId, WEB);
    const settings = await send('POST', `${siteId}/config/appsettings/list`, WEB);
    const container = await send('GET', containerId, STORAGE);
    return JSON.stringify([site, settings, container].map(({ status, body }) => [status, body]));
  }
  const made = await look();

  return {
    id: siteId,
    untouched: async () => (await look()) === made,
    async remove() {
      await send('DELETE', siteId, WEB);
      await send('DELETE', planId, WEB);
      await send('DELETE', storageId, STORAGE);
      const left = await send('GET', `${group}/resources`, RESOURCES);
      const value = at(left.body, 'value');
      if (isNewGroup && Array.isArray(value) && value.length === 0) {
        await send('DELETE', group, RESOURCES);
      }
    },
  };
}

/** Calls as the observer, and follows what takes longer. Throws when it is refused, unless a thing is missing. */
async function call(
  world: FakeWorld,
  options: StrangerOptions,
  wish: {
    readonly method: string;
    readonly path: string;
    readonly apiVersion: string;
    readonly body: object | undefined;
  },
): Promise<WireReply> {
  const caller = world.identity.observer;
  const reply = await world.arm.call({ ...wish, caller });
  refuseFailure(reply, wish);
  const { 'azure-asyncoperation': operation, location } = reply.headers ?? {};
  const follow = operation ?? location;
  if (follow === undefined || reply.status === 200) return reply;
  const { pathname, search } = new URL(follow);
  for (;;) {
    await options.pass(LOOK_MS);
    const look = { method: 'GET', url: `${pathname}${search}`, headers: {}, body: Buffer.alloc(0) };
    const progress = await world.arm.handle({ ...look, caller });
    refuseFailure(progress, wish);
    const status = textOf(mapOf(progress.body)['status']);
    if (status === 'Failed') throw new Error(`Azure failed: ${JSON.stringify(progress.body)}`);
    if (status !== 'InProgress' && progress.status !== 202) return progress;
  }
}

function refuseFailure(reply: WireReply, { method, path }: { method: string; path: string }): void {
  if (reply.status < 400 || reply.status === 404) return;
  throw new Error(`Azure refused ${method} ${path}: ${JSON.stringify(reply.body)}`);
}
