/** Shared access signatures of blobs and containers, checked by signing again with the vendor's own code. */
import { timingSafeEqual } from 'node:crypto';
import {
  BlobSASPermissions,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
  type BlobSASSignatureValues,
} from '@azure/storage-blob';
import type { Caller, World } from '../../core/ports.ts';
import type { Account } from '../accounts.ts';
import { authenticationFailed, permissionMismatch, StorageFault } from '../fault.ts';
import { delegationKeyValue, type DelegationKey, type Signers } from './delegation.ts';

/** Clocks of machines differ a little. */
const SKEW_MS = 5 * 60_000;

/** What a signature says of its bearer. */
export interface SasGrant {
  /** `racwdl...` */
  readonly permissions: string;
  /** Of a user delegation: who signed; undefined when an account key did, which may do everything. */
  readonly signer: Caller | undefined;
}

/**
 * What the signature of a request allows. Throws a fault when it is not good, not yet good, or no longer.
 * @param blob undefined for the container itself.
 */
export function readSas(
  world: World,
  signers: Signers,
  target: {
    readonly account: Account;
    readonly container: string | undefined;
    readonly blob: string | undefined;
  },
  query: URLSearchParams,
): SasGrant {
  const values = signedValues(target, query);
  const now = world.clock.now();
  const given = Buffer.from(query.get('sig') ?? '');
  const isGood = expectedSignatures(target.account, values, query).some((signature) => {
    const expected = Buffer.from(signature);
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
  if (!isGood) throw authenticationFailed('Signature did not match.');
  const start = query.get('st');
  if (start !== null && Date.parse(start) > now + SKEW_MS) {
    throw authenticationFailed(
      `Signature not valid in the specified time frame: Start [${start}] - Current [${new Date(now).toUTCString()}]`,
    );
  }
  for (const name of ['se', 'ske']) {
    const expiry = query.get(name);
    if (expiry === null || Date.parse(expiry) > now) continue;
    throw authenticationFailed(
      `Signature not valid in the specified time frame: Expiry [${expiry}] - Current [${new Date(now).toUTCString()}]`,
    );
  }
  const permissions = query.get('sp') ?? '';
  if (!query.has('skoid')) {
    if (target.account.allowsKeys) return { permissions, signer: undefined };
    throw new StorageFault(
      403,
      'KeyBasedAuthenticationNotPermitted',
      'Key based authentication is not permitted on this storage account.',
    );
  }
  const signer = signers.find(query.get('skoid') ?? '');
  if (!signer) throw permissionMismatch();
  return { permissions, signer };
}

function signedValues(
  target: { readonly container: string | undefined; readonly blob: string | undefined },
  query: URLSearchParams,
): BlobSASSignatureValues {
  const resource = query.get('sr');
  if (target.container === undefined || (resource !== 'b' && resource !== 'c')) {
    throw authenticationFailed(`The signed resource '${resource ?? ''}' does not fit the request.`);
  }
  if (query.has('si') || query.has('sip') || query.has('srh') || query.has('srq')) {
    throw authenticationFailed('Stored policies and bounds of addresses are not known here.');
  }
  const isBlob = resource === 'b';
  const text = (name: string): string | undefined => query.get(name) ?? undefined;
  const time = (name: string): Date | undefined => dateOf(query.get(name));
  try {
    const permissions = isBlob
      ? BlobSASPermissions.parse(query.get('sp') ?? '')
      : ContainerSASPermissions.parse(query.get('sp') ?? '');
    return withoutGaps({
      version: text('sv'),
      protocol: protocolOf(query.get('spr')),
      startsOn: time('st'),
      expiresOn: time('se'),
      permissions,
      containerName: target.container,
      blobName: isBlob ? (target.blob ?? '') : undefined,
      encryptionScope: text('ses'),
      cacheControl: text('rscc'),
      contentDisposition: text('rscd'),
      contentEncoding: text('rsce'),
      contentLanguage: text('rscl'),
      contentType: text('rsct'),
      preauthorizedAgentObjectId: text('saoid'),
      correlationId: text('scid'),
    });
  } catch (error) {
    throw authenticationFailed(error instanceof Error ? error.message : 'Malformed signature.');
  }
}

/** Signatures that would be good: of the user delegation key that is named, or of the account's keys. */
function expectedSignatures(
  account: Account,
  values: BlobSASSignatureValues,
  query: URLSearchParams,
): readonly string[] {
  try {
    const objectId = query.get('skoid');
    if (objectId === null) {
      return account.keys.map(
        (key) =>
          generateBlobSASQueryParameters(
            { ...values },
            new StorageSharedKeyCredential(account.name, key),
          ).signature,
      );
    }
    const key: DelegationKey = {
      objectId,
      tenantId: query.get('sktid') ?? '',
      start: query.get('skt') ?? '',
      expiry: query.get('ske') ?? '',
      service: query.get('sks') ?? '',
      version: query.get('skv') ?? '',
    };
    const { signature } = generateBlobSASQueryParameters(
      { ...values },
      {
        signedObjectId: key.objectId,
        signedTenantId: key.tenantId,
        signedStartsOn: new Date(key.start),
        signedExpiresOn: new Date(key.expiry),
        signedService: key.service,
        signedVersion: key.version,
        value: delegationKeyValue(account, key),
      },
      account.name,
    );
    return [signature];
  } catch (error) {
    throw authenticationFailed(error instanceof Error ? error.message : 'Malformed signature.');
  }
}

function dateOf(text: string | null): Date | undefined {
  if (text === null) return undefined;
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new RangeError(`'${text}' is no time.`);
  return date;
}

function protocolOf(text: string | null): SASProtocol | undefined {
  if (text === 'https') return SASProtocol.Https;
  if (text === 'https,http') return SASProtocol.HttpsAndHttp;
  return undefined;
}

/** The vendor's type knows no members that are there and undefined. */
function withoutGaps(values: {
  readonly containerName: string;
  readonly [name: string]: unknown;
}): BlobSASSignatureValues {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return { containerName: values.containerName, ...Object.fromEntries(entries) };
}
