/** A small Azure around Microsoft.Web: Resource Manager, storage, identities and roles, and the vendor's own client. */
import { buffer } from 'node:stream/consumers';
import { WebSiteManagementClient } from '@azure/arm-appservice';
import { ZipFile } from 'yazl';
import { Work } from '../../fakes/aws/core/work.ts';
import { ResourceManager } from '../../fakes/azure/arm/dispatch.ts';
import { guidOf } from '../../fakes/azure/core/guid.ts';
import { Identity } from '../../fakes/azure/core/identity.ts';
import { ManagedIdentities } from '../../fakes/azure/core/managed-identities.ts';
import { Operations } from '../../fakes/azure/core/operations.ts';
import type {
  ArmProvider,
  HostSetup,
  RegisteredFunction,
  RuntimePort,
  TelemetryPort,
  VaultPort,
  World,
} from '../../fakes/azure/core/ports.ts';
import { RoleAssignments } from '../../fakes/azure/core/roles.ts';
import { PlaneServers } from '../../fakes/azure/core/server.ts';
import { createStorage } from '../../fakes/azure/storage/index.ts';
import { createWeb, type WebFake } from '../../fakes/azure/web/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { StandInRuntime } from './stand-in-runtime.ts';

export const GROUP = 'shop';
export const REGION = 'westeurope';
export const ACCOUNT = 'shopstore';
export const BLOB_OWNER = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b';
/** Longer than all that takes its time. */
export const LONG_MS = 20_000;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
  readonly text: string;
}

export type Json = Readonly<Record<string, unknown>>;

export interface SmallAzure {
  readonly world: World;
  readonly clock: ManualClock;
  readonly web: WebFake;
  readonly runtime: StandInRuntime;
  readonly client: WebSiteManagementClient;
  /** Values of `@Microsoft.KeyVault(...)`. */
  readonly secrets: Map<string, string>;
  readonly identityId: string;
  readonly token: string;
  /** `/subscriptions/S/resourceGroups/shop/providers/Microsoft.Web` */
  readonly base: string;
  arm(method: string, path: string, body?: unknown, apiVersion?: string): Promise<Answer>;
  /** A request to a site, without any token. */
  http(host: string, path: string, init?: RequestInit): Promise<Answer>;
  stop(): Promise<void>;
}

/** @param real runs packages really, instead of the stand-in */
export async function startAzure(
  real?: (world: World) => RuntimePort & { stop(): Promise<void> },
): Promise<SmallAzure> {
  const clock = new ManualClock(Date.UTC(2026, 10, 21));
  const subscriptionId = guidOf('subscription');
  const tenantId = guidOf('tenant');
  const work = new Work();
  const managed = new ManagedIdentities({ clock, tenantId });
  const identity = new Identity((id) => managed.identityOf(id));
  const roles = new RoleAssignments({
    clock,
    tenantId,
    principal: (id) => managed.ofPrincipal(id),
  });
  const servers = new PlaneServers({
    callerOf: (token, audience) => identity.callerOf(token, audience),
  });
  const operations = new Operations({ clock, work, subscriptionId, endpoint: () => endpoint });
  const providers: ArmProvider[] = [managed, roles];
  const resourceManager: ResourceManager = new ResourceManager({
    clock,
    subscriptionId,
    tenantId,
    operations,
    roles,
    providers: () => providers,
  });
  const endpoint = await servers.open({
    name: 'arm',
    audience: 'https://management.azure.com',
    handle: (request) => resourceManager.handle(request),
  });
  const blob = await servers.open({
    name: 'blob',
    audience: 'https://storage.azure.com',
    handle: (request) => storage.blobPlane(request),
  });
  const secrets = new Map<string, string>();
  const vault: Pick<VaultPort, 'resolve'> = {
    resolve(reference) {
      const value = secrets.get(reference);
      return value === undefined ? { status: 'SecretNotFound' } : { value };
    },
  };
  const runtime = new StandInRuntime();
  const telemetry: TelemetryPort = { trace: () => {}, execution: () => {} };
  const present = {
    clock,
    subscriptionId,
    tenantId,
    location: REGION,
    endpoint,
    planes: { blob, queue: blob, identity: blob },
    identity,
    roles,
    operations,
    vault,
    runtime,
    telemetry,
    work,
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the ports that these tests do not reach are left out
  const world = present as unknown as World;
  const storage = createStorage(world);
  const web = createWeb(world, servers);
  const running = real?.(world);
  const ports = { storage: storage.storage, blobs: storage.blobs, web };
  Object.assign(present, ports, running && { runtime: running });
  providers.push(web, storage.provider);

  const token = identity.issue(identity.deployer, 'https://management.azure.com');
  const client = new WebSiteManagementClient(
    identity.credentialOf(identity.deployer),
    subscriptionId,
    { endpoint, allowInsecureConnection: true, retryOptions: { maxRetries: 0 } },
  );
  client.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
  client.pipeline.addPolicy({
    name: 'token',
    sendRequest(request, next) {
      request.headers.set('authorization', `Bearer ${token}`);
      return next(request);
    },
  });

  const base = `/subscriptions/${subscriptionId}/resourceGroups/${GROUP}/providers`;
  const identityId = `${base}/Microsoft.ManagedIdentity/userAssignedIdentities/worker`;
  const azure: SmallAzure = {
    world,
    clock,
    web,
    runtime,
    client,
    secrets,
    identityId,
    token,
    base: `${base}/Microsoft.Web`,
    arm: (method, path, body, apiVersion = '2025-05-01') =>
      ask(`${endpoint}${path}${path.includes('?') ? '&' : '?'}api-version=${apiVersion}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    http: (host, path, init) => ask(`http://${host}${path}`, init),
    async stop() {
      await running?.stop();
      await web.stop?.();
      await servers.stop();
    },
  };
  await prepare(azure, base);
  return azure;
}

/** A group, an identity, and a storage account with a container that the identity may use. */
async function prepare({ arm, clock, identityId, world }: SmallAzure, base: string): Promise<void> {
  const group = base.replace(/\/providers$/, '').replace('resourceGroups', 'resourcegroups');
  await arm('PUT', group, { location: REGION }, '2025-04-01');
  await arm('PUT', identityId, { location: REGION }, '2023-01-31');
  const account = `${base}/Microsoft.Storage/storageAccounts/${ACCOUNT}`;
  await arm(
    'PUT',
    account,
    { location: REGION, sku: { name: 'Standard_LRS' }, kind: 'StorageV2', properties: {} },
    '2024-01-01',
  );
  await clock.advance(LONG_MS);
  await arm('PUT', `${account}/blobServices/default/containers/polyfaas`, {}, '2024-01-01');
  await grant(world, arm, identityId, account);
  await clock.advance(LONG_MS);
}

export async function grant(
  world: World,
  arm: SmallAzure['arm'],
  identityId: string,
  scope: string,
): Promise<void> {
  const roleDefinitionId = `/subscriptions/${world.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${BLOB_OWNER}`;
  const principalId = world.identity.identityOf(identityId)?.principalId;
  await arm(
    'PUT',
    `${scope}/providers/Microsoft.Authorization/roleAssignments/${guidOf(`${scope} ${identityId}`)}`,
    { properties: { roleDefinitionId, principalId, principalType: 'ServicePrincipal' } },
    '2022-04-01',
  );
}

async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const reply = await fetch(url, init);
  const text = await reply.text();
  return {
    status: reply.status,
    headers: Object.fromEntries(reply.headers),
    body: parsed(text),
    text,
  };
}

function parsed(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** A member of JSON by its path. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Object.entries(found).find(([key]) => key === String(name))?.[1];
  }
  return found;
}

export function objectAt(value: unknown, ...path: readonly (string | number)[]): Json {
  const found = at(value, ...path);
  return typeof found === 'object' && found !== null ? { ...found } : {};
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}

export function flexPlan(): Json {
  return {
    location: REGION,
    kind: 'functionapp',
    sku: { name: 'FC1', tier: 'FlexConsumption' },
    properties: { reserved: true },
  };
}

/** Settings with which a host keeps its keys in the account, by the identity. */
export function hostStorage(azure: SmallAzure): Readonly<Record<string, string>> {
  return {
    AzureWebJobsStorage__credential: 'managedidentity',
    AzureWebJobsStorage__clientId:
      azure.world.identity.identityOf(azure.identityId)?.clientId ?? '',
    AzureWebJobsStorage__blobServiceUri: azure.world.storage.blobEndpoint(ACCOUNT),
  };
}

export function flexConfig(azure: SmallAzure, change: Json = {}): Json {
  return {
    deployment: {
      storage: {
        type: 'blobContainer',
        value: `${azure.world.storage.blobEndpoint(ACCOUNT)}polyfaas`,
        authentication: {
          type: 'UserAssignedIdentity',
          userAssignedIdentityResourceId: azure.identityId,
        },
      },
    },
    runtime: { name: 'node', version: '22' },
    scaleAndConcurrency: { instanceMemoryMB: 2048, maximumInstanceCount: 100 },
    ...change,
  };
}

export interface SiteChange {
  readonly settings?: Readonly<Record<string, string>>;
  readonly functionAppConfig?: Json;
  readonly siteConfig?: Json;
  readonly properties?: Json;
  readonly tags?: Readonly<Record<string, string>>;
  readonly plan?: string;
}

export function flexSite(azure: SmallAzure, change: SiteChange = {}): Json {
  const settings = { ...hostStorage(azure), ...change.settings };
  return {
    location: REGION,
    kind: 'functionapp,linux',
    tags: change.tags ?? { owner: 'shop' },
    identity: { type: 'UserAssigned', userAssignedIdentities: { [azure.identityId]: {} } },
    properties: {
      serverFarmId: `${azure.base}/serverfarms/${change.plan ?? 'plan'}`,
      keyVaultReferenceIdentity: azure.identityId,
      functionAppConfig: flexConfig(azure, change.functionAppConfig),
      siteConfig: {
        appSettings: Object.entries(settings).map(([name, value]) => ({ name, value })),
        ...change.siteConfig,
      },
      ...change.properties,
    },
  };
}

/** Makes a plan and a site on Flex Consumption, and waits for both. */
export async function createFlex(
  azure: SmallAzure,
  name = 'orders',
  change: SiteChange = {},
): Promise<{ readonly path: string; readonly host: string; readonly scm: string }> {
  const plan = change.plan ?? 'plan';
  await azure.arm('PUT', `${azure.base}/serverfarms/${plan}`, flexPlan());
  await azure.clock.advance(LONG_MS);
  const path = `${azure.base}/sites/${name}`;
  const made = await azure.arm('PUT', path, flexSite(azure, change));
  if (made.status !== 202) throw new Error(made.text);
  await azure.clock.advance(LONG_MS);
  const states = at(made.body, 'properties', 'hostNameSslStates');
  return {
    path,
    host: textAt(made.body, 'properties', 'defaultHostName'),
    scm: textAt(states, 1, 'name'),
  };
}

/** An HTTP function for the package of {@link packageOf}. */
export function httpFunction(
  name: string,
  route: string,
  authLevel = 'anonymous',
): RegisteredFunction {
  const trigger = { type: 'httpTrigger', direction: 'in', route, authLevel };
  return { name, bindings: { req: trigger } };
}

/** A package that the stand-in of the runtime understands. */
export function packageOf(
  functions: readonly RegisteredFunction[],
  files: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  return zipOf({
    'host.json': JSON.stringify({
      version: '2.0',
      extensions: { http: { routePrefix: '' }, queues: { batchSize: 8 } },
    }),
    'package.json': JSON.stringify({ main: 'main.cjs' }),
    'functions.json': JSON.stringify(functions),
    ...files,
  });
}

export async function zipOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, text] of Object.entries(files)) {
    zip.addBuffer(Buffer.from(text), path, { mtime: new Date(2026, 0, 1) });
  }
  zip.end();
  return buffer(zip.outputStream);
}

/** Publishes by the SCM site, and waits until it is served. */
export async function publishZip(
  azure: SmallAzure,
  site: { readonly scm: string },
  zip: Buffer,
): Promise<Answer> {
  const reply = await azure.http(site.scm, '/api/publish?type=zip&isAsync=true', {
    method: 'POST',
    headers: { authorization: `Bearer ${azure.token}`, 'content-type': 'application/zip' },
    body: new Uint8Array(zip),
  });
  await azure.clock.advance(LONG_MS);
  return reply;
}

/** The settings of the newest host that was started. */
export function lastSetup(azure: SmallAzure): HostSetup | undefined {
  return azure.runtime.setups.at(-1);
}
