/** The functions of one app and stage, by the tags of function apps. */
import type { CallContext, FunctionSummary, Scope } from 'polyfaas/spi';
import { pages } from './arm/calls.ts';
import { textAt, textsAt } from './arm/json.ts';
import type { AzureClients } from './clients/index.ts';
import { API, TYPE, groupId, isOfScope } from './names.ts';
import { TAG } from './record.ts';
import { decodeRecord } from './tags.ts';

export async function* list(
  azure: AzureClients,
  scope: Scope,
  options: {
    readonly resourceGroup: string;
    readonly nameOf: (name: string) => string;
  },
  { signal }: CallContext,
): AsyncGenerator<FunctionSummary> {
  const group = groupId(azure.subscriptionId, options.resourceGroup);
  const sites = pages(azure, `${group}/providers/${TYPE.site}`, API.web, { signal });
  for await (const site of sites) {
    const tags = textsAt(site, 'tags');
    const name = tags[TAG.function];
    const physicalName = textAt(site, 'name') ?? '';
    if (name === undefined || !isOfScope(scope, tags)) continue;
    // Tags can be copied; the name cannot.
    if (options.nameOf(name) !== physicalName) continue;
    yield { name, physicalName, liveVersion: decodeRecord(tags)?.live?.version ?? null };
  }
}
