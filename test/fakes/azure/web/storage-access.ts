/** Reaching blobs as a site does: by an identity whose roles have spread, or with the account's key. */
import type { World } from '../core/ports.ts';
import { textOf } from './body.ts';
import { callerOf, type AppState, type WebState } from './state.ts';

/** Roles of storage that let a site write, and read, its package. */
export const BLOB_WRITERS = [
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
];
export const BLOB_READERS = [...BLOB_WRITERS, '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'];

export interface BlobPlace {
  readonly account: string;
  readonly container: string;
  /** Empty for a container. */
  readonly name: string;
}

/** What a URL of a container or a blob leads to; undefined when it is of no account here. */
export function locateBlob(world: World, url: string): BlobPlace | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, pathname } = new URL(url);
  const candidates = [hostname.split('.')[0] ?? '', pathname.split('/')[1] ?? ''];
  for (const account of candidates) {
    if (account === '' || world.storage.idOf(account) === undefined) continue;
    const endpoint = world.storage.blobEndpoint(account).replace(/\/$/, '');
    if (!url.toLowerCase().startsWith(`${endpoint.toLowerCase()}/`)) continue;
    const path = url.slice(endpoint.length + 1).split('?')[0] ?? '';
    const [container = '', ...name] = path.split('/').map(decodeURIComponent);
    return { account, container, name: name.join('/') };
  }
  return undefined;
}

export function containerScope(world: World, { account, container }: BlobPlace): string {
  const id = world.storage.idOf(account) ?? '';
  return `${id}/blobServices/default/containers/${container}`;
}

/** `AccountName=...;AccountKey=...`: the account, when the key is right. */
export function accountOf(world: World, connection: string): string | undefined {
  const fields = new Map(
    connection.split(';').map((part) => {
      const at = part.indexOf('=');
      return [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()] as const;
    }),
  );
  const account = fields.get('accountname');
  if (account === undefined || world.storage.idOf(account) === undefined) return undefined;
  return fields.get('accountkey') === world.storage.keyOf(account) ? account : undefined;
}

/** Where the packages of a Flex site are, as its configuration says. */
export function packageContainer(state: WebState, app: AppState): BlobPlace | undefined {
  return locateBlob(
    state.world,
    textOf(app.functionAppConfig, 'deployment', 'storage', 'value') ?? '',
  );
}

/** Whether the site may use the container of its packages, now. */
export function mayUseContainer(
  state: WebState,
  app: AppState,
  place: BlobPlace,
  roles: readonly string[],
): boolean {
  const path = ['deployment', 'storage', 'authentication'];
  const kind = textOf(app.functionAppConfig, ...path, 'type');
  if (kind === 'StorageAccountConnectionString') {
    const name = textOf(app.functionAppConfig, ...path, 'storageAccountConnectionStringName') ?? '';
    return accountOf(state.world, app.settings[name] ?? '') === place.account;
  }
  const identity =
    kind === 'UserAssignedIdentity'
      ? (textOf(app.functionAppConfig, ...path, 'userAssignedIdentityResourceId') ?? '-')
      : 'SystemAssigned';
  const caller = callerOf(state, app, identity);
  return !!caller && state.world.roles.allows(caller, containerScope(state.world, place), roles);
}
