import { type CallContext, type FunctionRef, notDeployed } from 'polyfaas/spi';
import { readSettings } from '../arm/calls.ts';
import type { AzureClients } from '../clients/index.ts';
import { SETTING } from '../manifest.ts';
import type { AzureObserved } from '../model.ts';

/** Where the numbers and lines of a function are. */
export interface TelemetryPlace {
  readonly siteName: string;
  readonly siteId: string;
  readonly memoryMb: number;
  readonly isFlex: boolean;
  /** The workspace's own id; null without one. */
  readonly workspace: string | null;
}

/** @throws ServerlessError NOT_FOUND for a function that is not deployed. */
export async function telemetryPlace(
  azure: AzureClients,
  ref: FunctionRef,
  { site, siteId, physicalName, isStranger, record }: AzureObserved,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<TelemetryPlace> {
  if (site === null || isStranger || record.live === null) throw notDeployed('azure', ref);
  const workspace = (await readSettings(azure, siteId, signal))[SETTING.workspace] ?? '';
  return {
    siteName: physicalName,
    siteId,
    memoryMb: record.live.memoryMb,
    isFlex: site.plan === 'flex',
    workspace: workspace === '' ? null : workspace,
  };
}
