/** User delegation keys: keys that somebody with a token asks for, to sign URLs with in his own name. */
import { createHmac } from 'node:crypto';
import { childText, readXml, writeXml, type XmlNode } from '../../../aws/core/xml.ts';
import type { Caller, WireReply, World } from '../../core/ports.ts';
import type { Account } from '../accounts.ts';
import { missingHeader, permissionMismatch, StorageFault } from '../fault.ts';
import { BLOB_ROLES } from '../roles.ts';

const MAX_LIFE_MS = 7 * 86_400_000;

/** What makes up a key. Times as RFC 3339 in seconds. */
export interface DelegationKey {
  readonly objectId: string;
  readonly tenantId: string;
  readonly start: string;
  readonly expiry: string;
  readonly service: string;
  readonly version: string;
}

/** Who has asked for keys, by principal id: a signature allows no more than its signer may do himself. */
export class Signers {
  readonly #callers = new Map<string, Caller>();

  add(caller: Caller): void {
    this.#callers.set(caller.principalId, caller);
  }

  find(principalId: string): Caller | undefined {
    return this.#callers.get(principalId);
  }
}

/** The key's value, the same each time it is asked for. Base64. */
export function delegationKeyValue(account: Account, key: DelegationKey): string {
  const { objectId, tenantId, start, expiry, service, version } = key;
  const text = [objectId, tenantId, start, expiry, service, version].join('\n');
  return createHmac('sha256', account.delegationSecret).update(text).digest('base64');
}

/** `POST /account?restype=service&comp=userdelegationkey` */
export function issueKey(
  world: World,
  account: Account,
  signers: Signers,
  request: {
    readonly caller: Caller;
    readonly body: Buffer;
    readonly version: string | undefined;
  },
): WireReply {
  const { caller, version } = request;
  if (version === undefined) throw missingHeader('x-ms-version');
  if (!world.roles.allows(caller, account.id, BLOB_ROLES.delegate)) throw permissionMismatch();
  const info = readDocument(request.body);
  const now = world.clock.now();
  const start = timeOf(childText(info, 'Start'), 'Start', now);
  const expiry = timeOf(childText(info, 'Expiry'), 'Expiry', undefined);
  if (expiry <= start || expiry <= now || expiry > now + MAX_LIFE_MS) {
    throw invalidNode('Expiry', childText(info, 'Expiry') ?? '');
  }
  if (start > now + MAX_LIFE_MS) throw invalidNode('Start', childText(info, 'Start') ?? '');
  signers.add(caller);
  const key: DelegationKey = {
    objectId: caller.principalId,
    tenantId: world.tenantId,
    start: toSeconds(start),
    expiry: toSeconds(expiry),
    service: 'b',
    version,
  };
  const xml = writeXml('UserDelegationKey', {
    SignedOid: key.objectId,
    SignedTid: key.tenantId,
    SignedStart: key.start,
    SignedExpiry: key.expiry,
    SignedService: key.service,
    SignedVersion: key.version,
    Value: delegationKeyValue(account, key),
  });
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="utf-8"?>${xml}`,
  };
}

function readDocument(body: Buffer): XmlNode {
  try {
    return readXml(body.toString('utf8').replace(/^\uFEFF/, ''));
  } catch {
    throw new StorageFault(400, 'InvalidXmlDocument', 'XML specified is not syntactically valid.');
  }
}

function timeOf(text: string | undefined, name: string, otherwise: number | undefined): number {
  if (text === undefined && otherwise !== undefined) return otherwise;
  const time = Date.parse(text ?? '');
  if (Number.isNaN(time)) throw invalidNode(name, text ?? '');
  return time;
}

function invalidNode(name: string, value: string): StorageFault {
  return new StorageFault(
    400,
    'InvalidXmlNodeValue',
    'The value for one of the XML nodes is not in the correct format.',
    { details: { XmlNodeName: name, XmlNodeValue: value } },
  );
}

export function toSeconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
