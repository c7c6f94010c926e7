/** `Microsoft.Storage` in Resource Manager. */
import { requireApiVersion } from '../../core/api-versions.ts';
import type { ArmCall, ArmProvider, WireReply, World } from '../../core/ports.ts';
import { ArmFault } from '../../core/service.ts';
import type { Account, Accounts } from '../accounts.ts';
import {
  accountBody,
  checkNameAvailability,
  checkReady,
  deleteAccount,
  listKeys,
  patchAccount,
  putAccount,
} from './account-operations.ts';
import { textsOf } from './texts.ts';
import { listContainers, listQueues, onContainer, onQueue } from './child-operations.ts';

/** 2023-05-01 and newer. */
const API_VERSIONS = ['2023-05-01', '2024-01-01', '2025-01-01', '2025-06-01'];
const TYPE = 'Microsoft.Storage/storageAccounts';
const NAMES = /^\/subscriptions\/[^/]+\/providers\/microsoft\.storage\/checknameavailability$/i;
const ALL = /^\/subscriptions\/[^/]+\/providers\/microsoft\.storage\/storageaccounts$/i;
const GROUP =
  /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.storage\/storageaccounts(?:\/([^/]+)(?:\/(.+))?)?$/i;
const CHILD =
  /^(?:(blobservices)\/default\/containers|(queueservices)\/default\/queues)(?:\/([^/]+))?$/i;
/** What is stored there outlives the call that wrote it. */
const LASTING = /^(artifacts|packages|versions)\//;

export function createProvider(world: World, accounts: Accounts): ArmProvider {
  const inGroup = (group: string): readonly Account[] =>
    accounts.all().filter(({ resourceGroup }) => isSame(resourceGroup, group));
  const byId = (id: string): Account | undefined =>
    accounts.all().find((account) => isSame(account.id, id));

  function handle(call: ArmCall): WireReply | undefined {
    const { method, path } = call;
    if (NAMES.test(path)) {
      requireApiVersion('Microsoft.Storage/checkNameAvailability', call.apiVersion, API_VERSIONS);
      return method === 'POST' ? checkNameAvailability(accounts, call) : undefined;
    }
    if (ALL.test(path)) {
      requireApiVersion(TYPE, call.apiVersion, API_VERSIONS);
      return method === 'GET' ? listed(accounts.all()) : undefined;
    }
    const match = GROUP.exec(path);
    if (!match) return undefined;
    requireApiVersion(TYPE, call.apiVersion, API_VERSIONS);
    const [, subscription = '', group = '', name, below] = match;
    if (name === undefined) return method === 'GET' ? listed(inGroup(group)) : undefined;
    const place = { subscription, group, name };
    if (below === undefined && method === 'PUT') return putAccount(world, accounts, call, place);
    const account = inGroup(group).find((each) => isSame(each.name, name));
    if (below === undefined) return onAccount(call, account, place);
    if (!account) throw parentNotFound(place);
    return onChild(call, account, below);
  }

  function onAccount(
    call: ArmCall,
    account: Account | undefined,
    place: { readonly group: string; readonly name: string },
  ): WireReply | undefined {
    const { method } = call;
    if (method === 'DELETE' && !account) return { status: 204 };
    if (!account) throw parentNotFound(place);
    if (method === 'GET') return { status: 200, body: accountBody(world, account) };
    if (method === 'PATCH') return patchAccount(world, account, call);
    return method === 'DELETE' ? deleteAccount(world, accounts, account) : undefined;
  }

  function onChild(call: ArmCall, account: Account, below: string): WireReply | undefined {
    const { method } = call;
    if (/^listkeys$/i.test(below)) {
      return method === 'POST' ? listKeys(world, account) : undefined;
    }
    const match = CHILD.exec(below);
    if (!match) return undefined;
    checkReady(world, account, 'use');
    const [, isBlob, , name] = match;
    if (isBlob !== undefined) {
      if (name !== undefined) return onContainer(world, account, name, call);
      return method === 'GET' ? listContainers(account) : undefined;
    }
    if (name !== undefined) return onQueue(accounts, world, account, name, call);
    return method === 'GET' ? listQueues(account, call.query) : undefined;
  }

  function listed(found: readonly Account[]): WireReply {
    return { status: 200, body: { value: found.map((each) => accountBody(world, each)) } };
  }

  return {
    namespace: 'Microsoft.Storage',
    handle: async (call) => handle(call),
    resourcesIn: (group) => inGroup(group).map(({ id }) => id),
    deleteGroup(group) {
      for (const account of inGroup(group)) accounts.remove(account);
    },
    tags: (id) => byId(id)?.settings.tags,
    setTags(id, tags) {
      const account = byId(id);
      if (account) account.settings.tags = textsOf(tags);
    },
    inventory: () => accounts.all().flatMap(inventoryOf),
    stop() {
      for (const account of accounts.all()) account.close();
      return Promise.resolve();
    },
  };
}

function inventoryOf(account: Account): readonly string[] {
  const { name, containers, queues } = account;
  return [
    `storage account ${name}`,
    ...[...containers.values()].flatMap((container) => [
      `storage container ${name}/${container.name}`,
      ...[...container.blobs.keys()]
        .filter((blob) => LASTING.test(blob))
        .map((blob) => `storage blob ${name}/${container.name}/${blob}`),
    ]),
    ...[...queues.keys()].map((queue) => `storage queue ${name}/${queue}`),
  ];
}

function parentNotFound({
  group,
  name,
}: {
  readonly group: string;
  readonly name: string;
}): ArmFault {
  return new ArmFault(
    404,
    'ResourceNotFound',
    `The Resource '${TYPE}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
