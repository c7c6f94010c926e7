/** The core of the fake with a small stand-in provider, on a clock that only the test moves. */
import { createWebSiteManagement, type WebSiteManagementContext } from '@azure/arm-appservice/api';
import { afterEach, beforeEach } from 'vitest';
import { Work } from '../../fakes/aws/core/work.ts';
import { ResourceManager } from '../../fakes/azure/arm/dispatch.ts';
import { WireFaults } from '../../fakes/azure/core/faults.ts';
import { guidOf } from '../../fakes/azure/core/guid.ts';
import { Identity, type FakeCredential } from '../../fakes/azure/core/identity.ts';
import { ManagedIdentities } from '../../fakes/azure/core/managed-identities.ts';
import { Operations } from '../../fakes/azure/core/operations.ts';
import type { ArmProvider } from '../../fakes/azure/core/ports.ts';
import { RoleAssignments } from '../../fakes/azure/core/roles.ts';
import { PlaneServers } from '../../fakes/azure/core/server.ts';
import { ArmFault } from '../../fakes/azure/core/service.ts';
import { answerTokenRequest } from '../../fakes/azure/core/token-endpoint.ts';
import { IS_WRITE } from '../../fakes/azure/core/writes.ts';
import { createVault, type VaultPart } from '../../fakes/azure/vault/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export const NOW = Date.UTC(2026, 10, 21, 9);
export const SUBSCRIPTION = guidOf('subscription');
export const TENANT = guidOf('tenant');
export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/shop`;
export const SCOPES = 'https://management.azure.com/.default';

export interface Subject {
  readonly clock: ManualClock;
  readonly servers: PlaneServers;
  readonly identity: Identity;
  readonly roles: RoleAssignments;
  readonly arm: ResourceManager;
  readonly faults: WireFaults;
  readonly things: Things;
  readonly vault: VaultPart;
  readonly endpoint: string;
  readonly vaultPlane: string;
  readonly tokenEndpoint: string;
  /** What the recorder was told. */
  readonly told: string[];
  /** The vendor's own client. */
  sdk(credential?: FakeCredential): WebSiteManagementContext;
  /** One call of Resource Manager by the SDK, as the deployer. */
  call(method: string, path: string, body?: object): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A provider with one type, whose resources take a second to be made. */
export class Things implements ArmProvider {
  readonly namespace = 'Test.Things';
  readonly all = new Map<string, Record<string, string>>();
  subject: (Pick<Subject, 'clock'> & { operations: Operations }) | undefined;

  async handle(call: Parameters<ArmProvider['handle']>[0]): ReturnType<ArmProvider['handle']> {
    if (!/\/things\/[^/]+$/i.test(call.path)) return undefined;
    const id = call.path.toLowerCase();
    if (call.method === 'PUT') {
      const headers = this.subject?.operations.begin({
        durationMs: 1000,
        end: () => {
          if (id.endsWith('/broken')) throw new ArmFault(409, 'Broken', 'It broke.');
          this.all.set(id, {});
        },
        result: () => ({ name: 'made' }),
      });
      return { status: 202, headers: headers ?? {}, body: { id } };
    }
    if (!this.all.has(id)) throw new ArmFault(404, 'ResourceNotFound', 'No such thing.');
    return { status: 200, body: { id, tags: this.all.get(id) } };
  }

  resourcesIn(resourceGroup: string): readonly string[] {
    const within = `/resourcegroups/${resourceGroup.toLowerCase()}/`;
    return [...this.all.keys()].filter((id) => id.includes(within));
  }

  deleteGroup(resourceGroup: string): void {
    for (const id of this.resourcesIn(resourceGroup)) this.all.delete(id);
  }

  tags(id: string): Readonly<Record<string, string>> | undefined {
    return this.all.get(id.toLowerCase());
  }

  setTags(id: string, tags: Readonly<Record<string, string>>): void {
    this.all.set(id.toLowerCase(), { ...tags });
  }

  inventory(): readonly string[] {
    return [...this.all.keys()].map((id) => `thing ${id.split('/').at(-1) ?? ''}`);
  }
}

export async function startSubject(): Promise<Subject> {
  const clock = new ManualClock(NOW);
  const work = new Work();
  const told: string[] = [];
  const faults = new WireFaults((...call) => void told.push(call.join(' ')));
  const managed = new ManagedIdentities({ clock, tenantId: TENANT });
  const identity = new Identity((id) => managed.identityOf(id));
  const roles = new RoleAssignments({
    clock,
    tenantId: TENANT,
    principal: (id) => managed.ofPrincipal(id),
  });
  const servers = new PlaneServers({
    callerOf: (token, audience) => identity.callerOf(token, audience),
    intercept: (exchange) => faults.pass(exchange),
  });
  const operations = new Operations({
    clock,
    work,
    subscriptionId: SUBSCRIPTION,
    endpoint: () => endpoint,
  });
  const things = new Things();
  things.subject = { clock, operations };
  const arm: ResourceManager = new ResourceManager({
    clock,
    subscriptionId: SUBSCRIPTION,
    tenantId: TENANT,
    operations,
    roles,
    providers: () => [things, vault.provider, managed, roles],
    metrics: (call) => ({ status: 200, body: { of: call.path } }),
  });
  const endpoint = await servers.open({
    name: 'arm',
    audience: 'https://management.azure.com',
    handle: (request) => arm.handle(request),
    ...(IS_WRITE['arm'] && { isWrite: IS_WRITE['arm'] }),
  });
  const vaultPlane = await servers.open({
    name: 'vault',
    audience: 'https://vault.azure.net',
    handle: (request) => vault.handle(request),
  });
  const tokenEndpoint = await servers.open({
    name: 'identity',
    audience: undefined,
    handle: async (request) =>
      answerTokenRequest({ identity, isGone: (id) => managed.isGone(id) }, request),
  });
  const planes = {
    blob: '',
    queue: '',
    serviceBus: '',
    eventGrid: '',
    identity: '',
    logs: '',
    vault: vaultPlane,
  };
  const vault = createVault(
    {
      clock,
      subscriptionId: SUBSCRIPTION,
      tenantId: TENANT,
      location: 'westeurope',
      planes,
      roles,
    },
    (name) => void arm.groups.ensure(name, 'westeurope'),
  );
  const sdk = (
    credential: FakeCredential = identity.credentialOf(identity.deployer),
  ): WebSiteManagementContext => contextOf(endpoint, credential);

  return {
    clock,
    servers,
    identity,
    roles,
    arm,
    faults,
    things,
    vault,
    endpoint,
    vaultPlane,
    tokenEndpoint,
    told,
    sdk,
    call: (method, path, body) => raw(sdk(), method, path, body),
    stop: () => servers.stop(),
  };
}

/** A subject of its own for every test of a file. */
export function useSubject(): () => Subject {
  let subject: Subject | undefined;
  beforeEach(async () => {
    subject = await startSubject();
  });
  afterEach(async () => subject?.stop());
  return () => {
    if (!subject) throw new Error('The fake is not there yet');
    return subject;
  };
}

function contextOf(endpoint: string, credential: FakeCredential): WebSiteManagementContext {
  const context = createWebSiteManagement(credential, SUBSCRIPTION, {
    endpoint,
    allowInsecureConnection: true,
    retryOptions: { maxRetries: 0 },
  });
  // The SDK's own policy refuses to send a token over http.
  context.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
  context.pipeline.addPolicy(
    {
      name: 'token',
      async sendRequest(request, next) {
        const { token } = await credential.getToken(SCOPES);
        request.headers.set('authorization', `Bearer ${token}`);
        return next(request);
      },
    },
    { phase: 'Sign' },
  );
  return context;
}

export async function raw(
  context: WebSiteManagementContext,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  const resource = context.pathUnchecked(path);
  const options = body ? { body, contentType: 'application/json' } : {};
  const sends: Readonly<Record<string, () => PromiseLike<Sent>>> = {
    GET: () => resource.get(options),
    HEAD: () => resource.head(options),
    PUT: () => resource.put(options),
    PATCH: () => resource.patch(options),
    POST: () => resource.post(options),
    DELETE: () => resource.delete(options),
  };
  const reply = await sends[method]?.();
  if (!reply) throw new Error(`There is no ${method}`);
  return { status: Number(reply.status), headers: reply.headers, body: reply.body };
}

interface Sent {
  readonly status: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** The status and code of a refusal. */
export function refusal({ status, body }: Answer): readonly [number, unknown] {
  const error = typeof body === 'object' && body && 'error' in body ? body.error : undefined;
  return [status, typeof error === 'object' && error && 'code' in error ? error.code : undefined];
}
