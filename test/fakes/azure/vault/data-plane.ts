/**
 * Secrets over HTTP. A vault has no host of its own here: its name is the first segment of the path.
 * https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups
 */
import { at, textOf } from '../core/json.ts';
import type { FakeClock, RolesPort, WireReply } from '../core/ports.ts';
import { ArmFault, type PlaneRequest } from '../core/service.ts';
import { mayUseSecret, type SecretAction } from './access.ts';
import { findSecret, setSecret, type SecretVersion, type Vault, type Vaults } from './store.ts';

export interface VaultPlaneParts {
  readonly clock: FakeClock;
  readonly tenantId: string;
  readonly roles: RolesPort;
  /** Where vaults answer. */
  readonly plane: string;
}

const API_VERSIONS = ['7.0', '7.1', '7.2', '7.3', '7.4', '7.5', '7.6', '2025-07-01'];
const NAME = /^[0-9a-zA-Z-]{1,127}$/;
const ACTIONS: Readonly<Record<string, SecretAction>> = {
  GET: 'get',
  PUT: 'set',
  DELETE: 'delete',
};

export class VaultPlane {
  readonly #vaults: Vaults;
  readonly #parts: VaultPlaneParts;

  constructor(vaults: Vaults, parts: VaultPlaneParts) {
    this.#vaults = vaults;
    this.#parts = parts;
  }

  handle(request: PlaneRequest): WireReply {
    const url = new URL(request.url, this.#parts.plane);
    const [vaultName = '', kind, name = '', version = '', ...more] = url.pathname
      .split('/')
      .slice(1)
      .filter((segment) => segment !== '');
    const vault = this.#vaults.get(vaultName);
    // A vault that is not there has no host name either: nobody answers for it.
    if (!vault) throw new ArmFault(404, 'VaultNotFound', `There is no vault '${vaultName}'.`);
    if (!request.caller) return this.#challenge();
    if (kind !== 'secrets' || more.length > 0) throw badParameter('Method is not known.');
    const apiVersion = url.searchParams.get('api-version');
    if (apiVersion === null) throw badParameter('api-version must be specified');
    if (!API_VERSIONS.includes(apiVersion)) {
      throw badParameter(`The specified version (${apiVersion}) is not recognized.`);
    }
    if (name !== '' && !NAME.test(name)) {
      throw badParameter(
        `The request URI contains an invalid name: ${name}. Names have 1 to 127 letters, digits and '-'.`,
      );
    }
    const action = name === '' || version === 'versions' ? 'list' : ACTIONS[request.method];
    if (action === undefined) throw new ArmFault(405, 'MethodNotAllowed', 'No such operation.');
    if (!mayUseSecret(this.#parts.roles, request.caller, vault, name, action)) {
      throw forbidden(vault, name, action, request.caller.principalId);
    }
    if (action === 'list') return this.#list(vault, name);
    if (action === 'set') return this.#set(request, vault, name);
    const found = findSecret(vault, name, version);
    if (!found) throw notFound(name);
    if (action === 'delete') vault.secrets.delete(name.toLowerCase());
    return { status: 200, body: this.#shown(vault, name, found) };
  }

  #challenge(): WireReply {
    const { tenantId } = this.#parts;
    return {
      status: 401,
      headers: {
        'www-authenticate': `Bearer authorization="https://login.microsoftonline.com/${tenantId}", resource="https://vault.azure.net"`,
      },
      body: {
        error: {
          code: 'Unauthorized',
          message: 'AKV10000: Request is missing a Bearer or PoP token.',
        },
      },
    };
  }

  #set({ body }: PlaneRequest, vault: Vault, name: string): WireReply {
    let wish: unknown;
    try {
      wish = JSON.parse(body.toString());
    } catch {
      throw badParameter('The request body is not JSON.');
    }
    const value = at(wish, 'value');
    if (typeof value !== 'string') throw badParameter('Required parameter secret.value is missing');
    if (Buffer.byteLength(value) > 25_600) {
      throw badParameter('The value of the secret is larger than 25600 bytes.');
    }
    const contentType = textOf(at(wish, 'contentType')) || undefined;
    const made = setSecret(vault, name, value, { now: this.#parts.clock.now(), contentType });
    return { status: 200, body: this.#shown(vault, name, made) };
  }

  /** Names, or versions, without values. */
  #list(vault: Vault, name: string): WireReply {
    const secrets =
      name === '' ? [...vault.secrets.values()] : [vault.secrets.get(name.toLowerCase())];
    const value = secrets.flatMap((secret) => {
      const shown = name === '' ? secret?.versions.slice(-1) : secret?.versions;
      return (shown ?? []).map((version) => {
        const suffix = name === '' ? '' : `/${version.version}`;
        const id = `${this.#parts.plane}/${vault.name}/secrets/${secret?.name ?? ''}${suffix}`;
        return { id, attributes: attributesOf(version) };
      });
    });
    return { status: 200, body: { value, nextLink: null } };
  }

  #shown(vault: Vault, name: string, found: SecretVersion): object {
    return {
      value: found.value,
      ...(found.contentType !== undefined && { contentType: found.contentType }),
      id: `${this.#parts.plane}/${vault.name}/secrets/${name}/${found.version}`,
      attributes: attributesOf(found),
      tags: {},
    };
  }
}

function attributesOf({ createdAt }: SecretVersion): object {
  const seconds = Math.floor(createdAt / 1000);
  return { enabled: true, created: seconds, updated: seconds, recoveryLevel: 'Recoverable' };
}

function badParameter(message: string): ArmFault {
  return new ArmFault(400, 'BadParameter', message);
}

function notFound(name: string): ArmFault {
  return new ArmFault(
    404,
    'SecretNotFound',
    `A secret with (name/id) ${name} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`,
  );
}

function forbidden(vault: Vault, name: string, action: string, principalId: string): ArmFault {
  const isByRole = vault.properties['enableRbacAuthorization'] === true;
  const message = isByRole
    ? `Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\nCaller: oid=${principalId}\r\nAction: 'Microsoft.KeyVault/vaults/secrets/${action}Secret/action'\r\nResource: '${vault.id}/secrets/${name}'\r\nAssignment: (not found)\r\nVault: ${vault.name};location=${vault.location}\r\n`
    : `The user, group or application 'oid=${principalId}' does not have secrets ${action} permission on key vault '${vault.name};location=${vault.location}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287`;
  const innererror = { code: isByRole ? 'ForbiddenByRbac' : 'AccessDenied' };
  return new ArmFault(403, 'Forbidden', message, { fields: { innererror } });
}
