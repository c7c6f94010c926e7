/** The data plane of blobs. */
import type { BlobPort, WireReply, World } from '../../core/ports.ts';
import type { PlaneRequest } from '../../core/service.ts';
import type { Account, Accounts } from '../accounts.ts';
import { addressOf, checkToken, type Address } from '../address.ts';
import { answer, invalidQuery, StorageFault } from '../fault.ts';
import { authorize, type BlobAction } from './access.ts';
import {
  changeBlob,
  deleteBlob,
  getBlob,
  putBlob,
  putBlock,
  putBlockList,
  type BlobCall,
} from './blob-operations.ts';
import {
  containerOf,
  containerProperties,
  createContainer,
  listBlobs,
  listContainers,
  setContainerMetadata,
} from './container-operations.ts';
import { writeBlob, type Blob } from './container.ts';
import { issueKey, Signers } from './delegation.ts';

type Change = Parameters<Parameters<BlobPort['onChange']>[0]>[0];

export class BlobPlane {
  readonly #world: World;
  readonly #accounts: Accounts;
  readonly #signers = new Signers();
  readonly #listeners = new Set<(change: Change) => void>();

  constructor(world: World, accounts: Accounts) {
    this.#world = world;
    this.#accounts = accounts;
  }

  handle(request: PlaneRequest): Promise<WireReply> {
    return answer(request, this.#world.clock.now(), () => {
      const address = addressOf(this.#accounts, request.url);
      if (address.child === undefined) return this.#onAccount(request, address);
      if (address.rest === undefined) return this.#onContainer(request, address, address.child);
      return this.#onBlob(request, address, address.child, address.rest);
    });
  }

  readonly port: BlobPort = {
    containerExists: (account, container) =>
      this.#accounts.ready(account)?.containers.has(container) === true,
    put: (account, container, name, body, contentType) => {
      const owner = this.#account(account);
      const headers = contentType === undefined ? {} : { 'content-type': contentType };
      const content = { body, headers };
      const now = this.#world.clock.now();
      const blob = writeBlob(containerOf(owner, container), name, content, now);
      this.#changed(owner, container, blob, 'created');
    },
    get: (account, container, name) =>
      this.#accounts.ready(account)?.containers.get(container)?.blobs.get(name)?.body,
    delete: (account, container, name) => {
      const owner = this.#account(account);
      const { blobs } = containerOf(owner, container);
      const blob = blobs.get(name);
      if (!blob) return;
      blobs.delete(name);
      this.#changed(owner, container, blob, 'deleted');
    },
    readBySas: (url) => {
      try {
        const address = addressOf(this.#accounts, url);
        const { account, child, rest } = address;
        if (child === undefined || rest === undefined) return undefined;
        const body = Buffer.alloc(0);
        const request = { method: 'GET', url, headers: {}, body, caller: undefined };
        authorize(this.#world, this.#signers, request, address, 'read');
        return account.containers.get(child)?.blobs.get(rest)?.body;
      } catch (error) {
        if (error instanceof StorageFault) return undefined;
        throw error;
      }
    },
    onChange: (listener) => void this.#listeners.add(listener),
  };

  #account(name: string): Account {
    const account = this.#accounts.ready(name);
    if (!account) throw new Error(`There is no storage account ${name}`);
    return account;
  }

  #changed(account: Account, container: string, blob: Blob, type: Change['type']): void {
    for (const listener of this.#listeners) {
      listener({
        account: account.name,
        container,
        name: blob.name,
        type,
        sizeBytes: blob.body.length,
        contentType: blob.headers['content-type'] ?? '',
        etag: blob.etag,
      });
    }
  }

  #onAccount(request: PlaneRequest, address: Address): WireReply {
    const { account, query } = address;
    const comp = query.get('comp');
    if (request.method === 'POST' && comp === 'userdelegationkey') {
      if (!checkToken(this.#world, request) || !request.caller) {
        throw new StorageFault(
          403,
          'AuthenticationFailed',
          'Only authentication scheme Bearer is allowed.',
        );
      }
      const { caller, body, headers } = request;
      const version = headers['x-ms-version'];
      return issueKey(this.#world, account, this.#signers, { caller, body, version });
    }
    if (request.method === 'GET' && comp === 'list') {
      this.#authorize(request, address, 'list');
      return listContainers(this.#endpoint(account), account, query);
    }
    throw unsupported(query);
  }

  #onContainer(request: PlaneRequest, address: Address, name: string): WireReply {
    const { account, query } = address;
    const { method } = request;
    const comp = query.get('comp');
    const now = this.#world.clock.now();
    if (query.get('restype') !== 'container') throw unsupported(query);
    const isRead = method === 'GET' || method === 'HEAD';
    if (isRead && comp === 'list') {
      this.#authorize(request, address, 'list');
      return listBlobs(this.#endpoint(account), containerOf(account, name), query);
    }
    if (isRead && (comp === null || comp === 'metadata')) {
      this.#authorize(request, address, 'read');
      return containerProperties(containerOf(account, name));
    }
    if (method === 'PUT' && comp === null) {
      this.#authorize(request, address, 'container');
      return createContainer(account, name, request, now);
    }
    if (method === 'PUT' && comp === 'metadata') {
      this.#authorize(request, address, 'container');
      return setContainerMetadata(containerOf(account, name), request, now);
    }
    if (method === 'DELETE' && comp === null) {
      this.#authorize(request, address, 'container');
      containerOf(account, name);
      account.containers.delete(name);
      account.block('c', name, now);
      return { status: 202 };
    }
    throw unsupported(query);
  }

  #onBlob(request: PlaneRequest, address: Address, container: string, name: string): WireReply {
    const { account, query } = address;
    const { method } = request;
    const comp = query.get('comp');
    const isNew = !account.containers.get(container)?.blobs.has(name);
    const open = (action: BlobAction): BlobCall => {
      this.#authorize(request, address, action, isNew);
      const now = this.#world.clock.now();
      return { request, query, container: containerOf(account, container), name, now };
    };
    if ((method === 'GET' || method === 'HEAD') && (comp === null || comp === 'metadata')) {
      return getBlob(open('read'));
    }
    if (method === 'PUT' && comp === null) {
      const { blob, reply } = putBlob(open('write'));
      this.#changed(account, container, blob, 'created');
      return reply;
    }
    if (method === 'PUT' && comp === 'block') return putBlock(open('write'));
    if (method === 'PUT' && comp === 'blocklist') {
      const { blob, reply } = putBlockList(open('write'));
      this.#changed(account, container, blob, 'created');
      return reply;
    }
    if (method === 'PUT' && (comp === 'metadata' || comp === 'properties')) {
      return changeBlob(open('write'), comp);
    }
    if (method === 'DELETE' && comp === null) {
      const { blob, reply } = deleteBlob(open('delete'));
      this.#changed(account, container, blob, 'deleted');
      return reply;
    }
    throw unsupported(query);
  }

  #authorize(request: PlaneRequest, address: Address, action: BlobAction, makes = false): void {
    authorize(this.#world, this.#signers, request, address, action, makes);
  }

  #endpoint(account: Account): string {
    return `${this.#world.planes.blob}/${account.name}/`;
  }
}

function unsupported(query: URLSearchParams): StorageFault {
  const comp = query.get('comp');
  if (comp !== null) return invalidQuery('comp', comp);
  return new StorageFault(
    405,
    'UnsupportedHttpVerb',
    "The resource doesn't support specified Http Verb.",
  );
}
