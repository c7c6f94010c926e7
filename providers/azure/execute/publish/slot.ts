/**
 * Elastic Premium publishes beside what is served: a slot gets the package, its version is seen to answer there, and the
 * two change places. The slot goes afterwards, so that nobody but the one that is live reads events.
 */
import { createHash } from 'node:crypto';
import { sameJson, type CallContext, type JsonObject, type JsonValue } from 'polyfaas/spi';
import { read, readSettings } from '../../arm/calls.ts';
import { listAt, objectAt, textAt } from '../../arm/json.ts';
import { operate, type Progress } from '../../arm/operation.ts';
import type { AzureClients } from '../../clients/index.ts';
import { ifThere } from '../../errors.ts';
import { OWN_FUNCTIONS } from '../../manifest.ts';
import { API } from '../../names.ts';
import { HOST } from '../../setting-names.ts';
import { keptOf, turnOf } from '../../arm/turn.ts';
import { ensure } from '../ensure.ts';
import { writeSettings } from '../settings.ts';
import { lookUntilServed } from '../start.ts';
import { packageUrl } from './package-url.ts';
import { packageSettings } from './run-from-package.ts';
import type { Publication, Publisher, Publishing } from './types.ts';

const SLOT = 'polyfaas-next';

/** Settings that stay with the slot when the two change places. */
const STICKY = {
  /** Hosts are told apart by the first 32 characters of their names, which here are the same. */
  hostId: 'AzureFunctionsWebHost__hostid',
  /** The functions that run there (host.json, `functions`): those that somebody asks, and none that reads events. */
  functions: ['AzureFunctionsJobHost__functions__0', 'AzureFunctionsJobHost__functions__1'],
} as const;
const HOST_ID_LENGTH = 32;

type Part = 'make' | 'look' | 'swap' | 'drop';

export const publishBySlot: Publisher = async (azure, publication, call) => {
  const { part, inner } = keptOf(call);
  const turn = turnOf(call, inner);
  if (part === 'make') return makeSlot(azure, publication, turn);
  if (part === 'look') return look(azure, publication, turn);
  if (part === 'swap') return swap(azure, publication, turn);
  if (part === 'drop') return drop(azure, publication, turn);
  const fresh = turnOf(call, undefined);
  // Swapping twice would bring back what was there before.
  if (await isSwapped(azure, publication, call)) return drop(azure, publication, fresh);
  return makeSlot(azure, publication, fresh);
};

const slotId = ({ target }: Publication): string => `${target.siteId}/slots/${SLOT}`;

async function isSwapped(
  azure: AzureClients,
  { target, packageDigest }: Publication,
  call: CallContext,
): Promise<boolean> {
  const url = await packageUrl(azure, target, packageDigest, call);
  const settings = await readSettings(azure, target.siteId, call.signal);
  return settings[HOST.package] === url;
}

async function makeSlot(
  azure: AzureClients,
  publication: Publication,
  turn: CallContext,
): Promise<Publishing> {
  const { target, packageDigest } = publication;
  const { siteId, identityId, location } = target;
  const site = await read(azure, siteId, API.web, turn.signal);
  const subnet = textAt(site, 'properties', 'virtualNetworkSubnetId') ?? '';
  const config = await azure.arm({
    method: 'GET',
    path: `${siteId}/config/web`,
    apiVersion: API.web,
    signal: turn.signal,
  });
  const body = {
    location,
    kind: 'functionapp,linux',
    identity: { type: 'UserAssigned', userAssignedIdentities: { [identityId]: {} } },
    properties: {
      serverFarmId: textAt(site, 'properties', 'serverFarmId') ?? '',
      httpsOnly: true,
      keyVaultReferenceIdentity: identityId,
      ...(subnet === '' ? {} : { virtualNetworkSubnetId: subnet }),
      siteConfig: {
        linuxFxVersion: textAt(config.body, 'properties', 'linuxFxVersion') ?? '',
        ftpsState: 'Disabled',
      },
    },
  };
  const resource = { path: slotId(publication), apiVersion: API.web, body };
  const made = await ensure(azure, turn, resource, {
    stage: 'making the slot',
    recognise: () => {},
  });
  if (!made.done) return waiting('make', made);
  await keepSticky(azure, publication, turn);
  const url = await packageUrl(azure, target, packageDigest, turn);
  const wish = {
    ...(await readSettings(azure, siteId, turn.signal)),
    ...packageSettings(target, url),
    [STICKY.hostId]: createHash('sha256')
      .update(slotId(publication))
      .digest('hex')
      .slice(0, HOST_ID_LENGTH),
    [STICKY.functions[0]]: OWN_FUNCTIONS.direct,
    [STICKY.functions[1]]: OWN_FUNCTIONS.http,
  };
  const present = await readSettings(azure, slotId(publication), turn.signal);
  if (!sameJson(present, wish)) {
    await writeSettings(azure, slotId(publication), wish, turn.signal);
  }
  return look(azure, publication, turnOf(turn, undefined));
}

async function keepSticky(
  azure: AzureClients,
  { target }: Publication,
  { signal }: CallContext,
): Promise<void> {
  const place = { path: `${target.siteId}/config/slotConfigNames`, apiVersion: API.web };
  const { body } = await azure.arm({ method: 'GET', ...place, signal });
  const present = listAt(body, 'properties', 'appSettingNames').filter(isText);
  const names = [...new Set([...present, STICKY.hostId, ...STICKY.functions])];
  if (names.length === present.length) return;
  const properties = { ...objectAt(body, 'properties'), appSettingNames: names };
  await azure.arm({ method: 'PUT', ...place, body: { properties }, signal });
}

async function look(
  azure: AzureClients,
  publication: Publication,
  turn: CallContext,
): Promise<Publishing> {
  const { target, version, lookAt } = publication;
  const slot = await read(azure, slotId(publication), API.web, turn.signal);
  const hostName = textAt(slot, 'properties', 'defaultHostName') ?? '';
  const address = { ref: target.ref, siteId: slotId(publication), hostName };
  const served = await lookUntilServed(azure, { target, address, version, lookAt }, turn);
  if (served.done) return swap(azure, publication, turnOf(turn, undefined));
  return {
    done: false,
    pollAfterMs: served.pollAfterMs,
    resume: { part: 'look', inner: served.resume },
  };
}

async function swap(
  azure: AzureClients,
  publication: Publication,
  turn: CallContext,
): Promise<Publishing> {
  const { target } = publication;
  if (turn.resume === undefined) {
    await publication.mayGoOn();
    if (await isSwapped(azure, publication, turn)) return drop(azure, publication, turn);
  }
  const request = {
    method: 'POST',
    path: `${target.siteId}/slotsswap`,
    apiVersion: API.web,
    body: { targetSlot: SLOT, preserveVnet: true },
  } as const;
  const swapped = await operate(azure, turn, request, 'swapping');
  return swapped.done
    ? drop(azure, publication, turnOf(turn, undefined))
    : waiting('swap', swapped);
}

async function drop(
  azure: AzureClients,
  publication: Publication,
  turn: CallContext,
): Promise<Publishing> {
  const place = { path: slotId(publication), apiVersion: API.web };
  if (turn.resume === undefined) {
    const found = await read(azure, place.path, place.apiVersion, turn.signal);
    if (found === undefined) return { done: true };
  }
  const gone = await ifThere(operate(azure, turn, { method: 'DELETE', ...place }, 'deleting'));
  return gone?.done === false ? waiting('drop', gone) : { done: true };
}

function waiting(part: Part, { result }: Extract<Progress, { readonly done: false }>): Publishing {
  const { pollAfterMs, resume = null } = result;
  const keep: JsonObject = { part, inner: resume };
  return { done: false, pollAfterMs, resume: keep };
}

function isText(value: JsonValue): value is string {
  return typeof value === 'string';
}
