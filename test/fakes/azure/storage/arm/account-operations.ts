/** Storage accounts in Resource Manager. */
import { mapOf, textOf } from '../../core/json.ts';
import type { ArmCall, WireReply, World } from '../../core/ports.ts';
import { ArmFault } from '../../core/service.ts';
import { Account, type Accounts, type AccountSettings } from '../accounts.ts';
import { isAccountName } from '../names.ts';
import { textsOf } from './texts.ts';

/** Making an account takes a while. */
const CREATE_MS = 15_000;
const TYPE = 'Microsoft.Storage/storageAccounts';
const SKUS =
  /^(Standard_(LRS|GRS|RAGRS|ZRS|GZRS|RAGZRS)|Premium_(LRS|ZRS)|StandardV2_(LRS|GRS|ZRS|GZRS)|PremiumV2_(LRS|ZRS))$/;
const KINDS = ['StorageV2', 'Storage', 'BlobStorage', 'FileStorage', 'BlockBlobStorage'];

/** Where a request's account is to be. */
export interface AccountPlace {
  readonly subscription: string;
  readonly group: string;
  readonly name: string;
}

export function putAccount(
  world: World,
  accounts: Accounts,
  call: ArmCall,
  { subscription, group, name }: AccountPlace,
): WireReply {
  checkName(name);
  if (accounts.isForeign(name)) throw taken(name);
  const wish = wishOf(call);
  const now = world.clock.now();
  const found = accounts.find(name);
  if (!found) {
    const id = `/subscriptions/${subscription}/resourceGroups/${group}/providers/${TYPE}/${name}`;
    const times = { createdAt: now, readyAt: now + CREATE_MS };
    const account = new Account(id, group, wish, times);
    accounts.add(account);
    // The service names no `azure-asyncoperation` here: its `location` answers 202 until it is done.
    const { 'azure-asyncoperation': _status, ...headers } = world.operations.begin({
      durationMs: CREATE_MS,
      end: () => undefined,
      result: () => accountBody(world, account),
    });
    return { status: 202, headers };
  }
  if (found.resourceGroup.toLowerCase() !== group.toLowerCase()) {
    throw new ArmFault(
      409,
      'StorageAccountInAnotherResourceGroup',
      `The account ${name} is already in another resource group in this subscription.`,
    );
  }
  checkReady(world, found, 'change');
  if (found.settings.location !== wish.location) {
    throw new ArmFault(
      409,
      'InvalidResourceLocation',
      `The resource '${name}' already exists in location '${found.settings.location}' in resource group '${group}'. A resource with the same name cannot be created in location '${wish.location}'. Please select a new resource name.`,
    );
  }
  // What a PUT leaves out of `properties` stays as it is; tags are replaced.
  Object.assign(found.settings, {
    ...wish,
    properties: { ...found.settings.properties, ...wish.properties },
  });
  return { status: 200, body: accountBody(world, found) };
}

export function patchAccount(world: World, account: Account, call: ArmCall): WireReply {
  checkReady(world, account, 'change');
  const body = mapOf(call.body);
  const { settings } = account;
  if (body['tags'] !== undefined) settings.tags = textsOf(body['tags']);
  const sku = textOf(mapOf(body['sku'])['name']);
  if (sku !== '' && !SKUS.test(sku)) throw invalidValues('sku');
  if (sku !== '') settings.sku = sku;
  settings.properties = { ...settings.properties, ...mapOf(body['properties']) };
  return { status: 200, body: accountBody(world, account) };
}

export function deleteAccount(world: World, accounts: Accounts, account: Account): WireReply {
  checkReady(world, account, 'change');
  accounts.remove(account);
  return { status: 200 };
}

export function listKeys(world: World, account: Account): WireReply {
  checkReady(world, account, 'use');
  const creationTime = new Date(account.createdAt).toISOString();
  return {
    status: 200,
    body: {
      keys: account.keys.map((value, index) => ({
        creationTime,
        keyName: `key${index + 1}`,
        value,
        permissions: 'FULL',
      })),
    },
  };
}

export function checkNameAvailability(accounts: Accounts, call: ArmCall): WireReply {
  const body = mapOf(call.body);
  const name = textOf(body['name']);
  if (textOf(body['type']).toLowerCase() !== TYPE.toLowerCase()) throw invalidValues('type');
  if (!isAccountName(name)) {
    const message = nameMessage(name);
    return {
      status: 200,
      body: { nameAvailable: false, reason: 'AccountNameInvalid', message },
    };
  }
  if (!accounts.isForeign(name) && !accounts.find(name)) {
    return { status: 200, body: { nameAvailable: true } };
  }
  const message = `The storage account named ${name} is already taken.`;
  return { status: 200, body: { nameAvailable: false, reason: 'AlreadyExists', message } };
}

/** Children, keys and changes have to wait until the account is made. */
export function checkReady(world: World, account: Account, wish: 'use' | 'change'): void {
  if (account.readyAt <= world.clock.now()) return;
  throw wish === 'use'
    ? new ArmFault(
        409,
        'StorageAccountIsNotProvisioned',
        `The storage account provisioning state must be 'Succeeded' before executing the operation.`,
      )
    : new ArmFault(
        409,
        'StorageAccountOperationInProgress',
        'An operation is currently performing on this storage account that requires exclusive access.',
      );
}

export function accountBody(world: World, account: Account): object {
  const { name, id, settings, createdAt } = account;
  const isReady = account.readyAt <= world.clock.now();
  const { location, sku, kind, tags, properties } = settings;
  return {
    sku: { name: sku, tier: sku.startsWith('Premium') ? 'Premium' : 'Standard' },
    kind,
    id,
    name,
    type: TYPE,
    location,
    tags,
    properties: {
      allowBlobPublicAccess: false,
      minimumTlsVersion: 'TLS1_0',
      supportsHttpsTrafficOnly: true,
      accessTier: 'Hot',
      ...properties,
      provisioningState: isReady ? 'Succeeded' : 'Creating',
      creationTime: new Date(createdAt).toISOString(),
      primaryLocation: location,
      statusOfPrimary: 'available',
      ...(isReady && { primaryEndpoints: endpointsOf(world, name) }),
    },
  };
}

/** With the account in the path, as no name would lead to this machine. */
function endpointsOf({ planes }: World, name: string): object {
  return {
    blob: `${planes.blob}/${name}/`,
    queue: `${planes.queue}/${name}/`,
    table: `https://${name}.table.core.windows.net/`,
    file: `https://${name}.file.core.windows.net/`,
    dfs: `https://${name}.dfs.core.windows.net/`,
    web: `https://${name}.z6.web.core.windows.net/`,
  };
}

function wishOf(call: ArmCall): AccountSettings {
  const body = mapOf(call.body);
  const location = textOf(body['location']).toLowerCase().replaceAll(' ', '');
  if (location === '') {
    throw new ArmFault(
      400,
      'LocationRequired',
      'The location property is required for this definition.',
    );
  }
  const sku = textOf(mapOf(body['sku'])['name']);
  if (!SKUS.test(sku)) throw invalidValues('sku');
  const kind = textOf(body['kind']);
  if (!KINDS.includes(kind)) throw invalidValues('kind');
  const properties = mapOf(body['properties']);
  const tls = properties['minimumTlsVersion'];
  if (tls !== undefined && !/^TLS1_[0-3]$/.test(textOf(tls))) {
    throw invalidValues('minimumTlsVersion');
  }
  return { location, sku, kind, tags: textsOf(body['tags']), properties };
}

function invalidValues(name: string): ArmFault {
  return new ArmFault(
    400,
    'InvalidValuesForRequestParameters',
    `Values for request parameters are invalid: ${name}.`,
  );
}

function checkName(name: string): void {
  if (!isAccountName(name)) throw new ArmFault(400, 'AccountNameInvalid', nameMessage(name));
}

function nameMessage(name: string): string {
  return `${name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.`;
}

function taken(name: string): ArmFault {
  return new ArmFault(
    409,
    'StorageAccountAlreadyTaken',
    `The storage account named ${name} is already taken.`,
  );
}
