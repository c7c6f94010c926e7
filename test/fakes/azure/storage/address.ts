/** What a request of a data plane is about: account, then what is in it, as Azurite writes its URLs. */
import type { World } from '../core/ports.ts';
import type { PlaneRequest } from '../core/service.ts';
import type { Account, Accounts } from './accounts.ts';
import { authenticationFailed, invalidHeader, missingHeader, StorageFault } from './fault.ts';

export interface Address {
  readonly account: Account;
  /** The container or queue; undefined for the account itself. */
  readonly child: string | undefined;
  /** What comes behind it, decoded: the name of a blob, `messages`, `messages/ID`; undefined without. */
  readonly rest: string | undefined;
  readonly query: URLSearchParams;
}

/** `/account/container/name?query`, also of an absolute URL. Undefined for something else. */
export function parseUrl(
  url: string,
): { readonly names: readonly string[]; readonly query: URLSearchParams } | undefined {
  const mark = url.indexOf('?');
  const path = (mark === -1 ? url : url.slice(0, mark)).replace(/^https?:\/\/[^/]*/, '');
  const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
  const [account, child, ...rest] = path.replace(/^\//, '').split('/');
  try {
    const names = [account, child, rest.join('/')].map((part) => decodeURIComponent(part ?? ''));
    return { names, query };
  } catch {
    return undefined;
  }
}

export function addressOf(accounts: Accounts, url: string): Address {
  const parsed = parseUrl(url);
  const [name = '', child = '', rest = ''] = parsed?.names ?? [];
  const account = accounts.ready(name);
  // The true service has a host name for each account, which nobody could resolve.
  if (!parsed || !account) {
    throw new StorageFault(404, 'ResourceNotFound', `There is no storage account '${name}'.`);
  }
  return {
    account,
    child: child === '' ? undefined : child,
    rest: rest === '' ? undefined : rest,
    query: parsed.query,
  };
}

/**
 * Refuses a request whose token is not good, or that does not say which version of the service it speaks.
 * @returns false when there is no token at all.
 */
export function checkToken(world: World, request: PlaneRequest): boolean {
  const { authorization } = request.headers;
  const version = request.headers['x-ms-version'];
  if (version !== undefined && !/^20\d\d-\d\d-\d\d$/.test(version)) {
    throw invalidHeader('x-ms-version', version);
  }
  if (authorization === undefined) return false;
  if (!/^bearer /i.test(authorization)) {
    throw authenticationFailed('Only bearer tokens and shared access signatures are known here.');
  }
  if (request.caller === undefined) {
    throw new StorageFault(
      401,
      'InvalidAuthenticationInfo',
      'Server failed to authenticate the request. Please refer to the information in the www-authenticate header.',
      {
        headers: {
          'www-authenticate': `Bearer authorization_uri=https://login.microsoftonline.com/${world.tenantId}/oauth2/authorize resource_id=https://storage.azure.com`,
        },
        details: { AuthenticationErrorDetail: 'Issuer validation failed.' },
      },
    );
  }
  if (version === undefined) throw missingHeader('x-ms-version');
  return true;
}

/** The `x-ms-meta-` headers of a request. */
export function metadataOf(
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith('x-ms-meta-')) continue;
    const name = header.slice('x-ms-meta-'.length);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new StorageFault(
        400,
        'InvalidMetadata',
        'The metadata specified is invalid. It has characters that are not permitted.',
      );
    }
    found[name] = value;
  }
  const size = Object.entries(found).reduce(
    (sum, [name, value]) => sum + name.length + value.length,
    0,
  );
  if (size > 8192) {
    throw new StorageFault(
      400,
      'MetadataTooLarge',
      'The metadata specified exceeds the maximum permissible limit.',
    );
  }
  return found;
}

export function headersOfMetadata(
  metadata: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [`x-ms-meta-${name}`, value]),
  );
}
