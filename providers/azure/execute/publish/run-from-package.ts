/** The Consumption plan mounts the package from where it lies: a setting says where. */
import { sameJson, type CallContext } from 'polyfaas/spi';
import { readSettings } from '../../arm/calls.ts';
import type { AzureClients } from '../../clients/index.ts';
import { errorMessage, errorStatus } from '../../errors.ts';
import { API } from '../../names.ts';
import { HOST } from '../../setting-names.ts';
import type { KnownTarget } from '../../step-input.ts';
import { again, keptOf } from '../../arm/turn.ts';
import { writeSettings } from '../settings.ts';
import { packageUrl } from './package-url.ts';
import type { Publisher, Publishing } from './types.ts';

export const runFromPackage: Publisher = async (azure, publication, call) => {
  const { target, packageDigest } = publication;
  if (keptOf(call)['by'] !== 'sync') {
    const url = await packageUrl(azure, target, packageDigest, call);
    const present = await readSettings(azure, target.siteId, call.signal);
    const next = { ...present, ...packageSettings(target, url) };
    await publication.mayGoOn();
    if (!sameJson(present, next)) {
      await writeSettings(azure, target.siteId, next, call.signal);
    }
  }
  return syncTriggers(azure, target, call);
};

export function packageSettings(
  { identityId }: KnownTarget,
  url: string,
): Readonly<Record<string, string>> {
  return { [HOST.package]: url, [HOST.packageIdentity]: identityId };
}

const PATIENCE_MS = 240_000;

/** Tells what wakes the host of the triggers; the host that restarts may not be there to be asked. */
async function syncTriggers(
  azure: AzureClients,
  { siteId }: KnownTarget,
  call: CallContext,
): Promise<Publishing> {
  const { since: kept } = keptOf(call);
  const since = typeof kept === 'number' ? kept : call.clock.now();
  try {
    await azure.arm({
      method: 'POST',
      path: `${siteId}/syncfunctiontriggers`,
      apiVersion: API.web,
      signal: call.signal,
    });
    return { done: true };
  } catch (error) {
    // `Encountered an error (ServiceUnavailable) from host runtime.`
    const isOfTheHost = errorStatus(error) === 400 && /host runtime/i.test(errorMessage(error));
    if (!isOfTheHost || call.clock.now() - since > PATIENCE_MS) throw error;
    return again(call, {
      stage: 'waiting for the host',
      keep: { by: 'sync', since },
      firstMs: 2000,
      longestMs: 10_000,
    });
  }
}
