/** The function app's own storage account: where it answers, and what is kept in it. */
import type { ContainerClient } from '@azure/storage-blob';
import { ServerlessError } from 'polyfaas/spi';
import { read } from '../arm/calls.ts';
import { textAt } from '../arm/json.ts';
import type { AzureClients } from '../clients/index.ts';
import { isMissing } from '../errors.ts';
import type { Target } from '../model.ts';
import { API, nameOfId, storageIdOf } from '../names.ts';
import type { VersionNote } from '../record.ts';
import { BLOB, CONTAINER, decodeNote, parseNote } from './note.ts';

/** Where a storage account answers, each with a slash at the end. */
export interface StorageEndpoints {
  readonly blob: string;
  readonly queue: string;
  readonly table: string;
}

/** Addresses of accounts never change; by account, for each set of clients. */
const KNOWN = new WeakMap<AzureClients, Map<string, StorageEndpoints>>();

/** Who made an account knows them already. */
export function rememberEndpoints(
  azure: AzureClients,
  accountId: string,
  endpoints: StorageEndpoints,
): void {
  const known = KNOWN.get(azure) ?? new Map<string, StorageEndpoints>();
  KNOWN.set(azure, known.set(accountId, endpoints));
}

/** False for an account that is gone: what was known of it is forgotten. */
export async function hasStorage(
  azure: AzureClients,
  target: Pick<Target, 'subscriptionId' | 'resourceGroup' | 'storageAccount'>,
  signal: AbortSignal,
): Promise<boolean> {
  const accountId = storageIdOf(target);
  if ((await read(azure, accountId, API.storage, signal)) !== undefined) return true;
  KNOWN.get(azure)?.delete(accountId);
  return false;
}

/** @throws ServerlessError NOT_FOUND when there is no such account. */
export async function storageEndpoints(
  azure: AzureClients,
  accountId: string,
  signal: AbortSignal,
): Promise<StorageEndpoints> {
  const kept = KNOWN.get(azure)?.get(accountId);
  if (kept) return kept;
  const body = await read(azure, accountId, API.storage, signal);
  const found = body === undefined ? undefined : endpointsIn(body);
  if (!found) {
    throw new ServerlessError({
      code: 'NOT_FOUND',
      provider: 'azure',
      message: `There is no storage account "${nameOfId(accountId)}" that is ready. Deploy the function with drift: 'full', which makes what is missing again.`,
    });
  }
  rememberEndpoints(azure, accountId, found);
  return found;
}

/** Undefined while the account is being made. */
export function endpointsIn(body: Parameters<typeof textAt>[0]): StorageEndpoints | undefined {
  const of = (service: string): string =>
    textAt(body, 'properties', 'primaryEndpoints', service) ?? '';
  const [blob, queue, table] = [of('blob'), of('queue'), of('table')];
  return blob === '' ? undefined : { blob, queue, table };
}

/** The container of packages. */
export async function containerOf(
  azure: AzureClients,
  target: Pick<Target, 'subscriptionId' | 'resourceGroup' | 'storageAccount'>,
  signal: AbortSignal,
): Promise<ContainerClient> {
  const { blob } = await storageEndpoints(azure, storageIdOf(target), signal);
  return (await azure.blobs(blob)).getContainerClient(CONTAINER);
}

/** The notes of all versions that are kept, oldest first. */
export async function listNotes(
  container: ContainerClient,
  signal: AbortSignal,
): Promise<readonly VersionNote[]> {
  const notes: VersionNote[] = [];
  try {
    const blobs = container.listBlobsFlat({
      prefix: BLOB.versions,
      includeMetadata: true,
      abortSignal: signal,
    });
    for await (const { name, metadata } of blobs) {
      const note = decodeNote(metadata) ?? (await readNote(container, name, signal));
      if (note) notes.push(note);
    }
  } catch (error) {
    // Without the container, there is nothing in it.
    if (!isMissing(error)) throw error;
  }
  return notes.toSorted((a, b) => ((a.createdAt ?? '') < (b.createdAt ?? '') ? -1 : 1));
}

async function readNote(
  container: ContainerClient,
  name: string,
  signal: AbortSignal,
): Promise<VersionNote | undefined> {
  const bytes = await container.getBlockBlobClient(name).downloadToBuffer(0, undefined, {
    abortSignal: signal,
  });
  return parseNote(bytes.toString('utf8'));
}
