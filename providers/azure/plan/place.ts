/** What a deploy cannot change of a function that is there. */
import type { DeployRequest, FunctionRef } from 'polyfaas/spi';
import type { AzureObserved } from '../model.ts';
import type { FunctionSettings } from '../options.ts';
import type { AppliedSettings } from './applied.ts';
import { refusal } from './parts.ts';

/**
 * A function app under another name goes on to run, on the same storage account and with the same triggers.
 *
 * @throws ServerlessError INVALID_ARGUMENT
 */
export function refuseOtherName(ref: FunctionRef, { elsewhere }: AzureObserved): void {
  if (elsewhere === null) return;
  throw refusal(
    ref,
    'INVALID_ARGUMENT',
    `providerOptions.azure.siteNames.${ref.name}: it is deployed as "${elsewhere}", and a function app keeps its name. Set that name, or remove it under that name first.`,
  );
}

/** @throws ServerlessError INVALID_ARGUMENT */
export function refuseOtherPlace(
  { ref, identity }: DeployRequest,
  settings: FunctionSettings,
  { site, isStranger, givenStorage }: AzureObserved,
  before: AppliedSettings | null,
): void {
  if (!site) return;
  if (site.plan !== settings.plan) {
    throw refusal(
      ref,
      'INVALID_ARGUMENT',
      `functions.${ref.name}.providerOptions.azure.plan: it is deployed on plan "${site.plan}", and Azure cannot move it to "${settings.plan}". Remove it first, or give the new one another name.`,
    );
  }
  if (site.location !== identity.region) {
    throw refusal(
      ref,
      'INVALID_ARGUMENT',
      `region: "${ref.name}" is deployed in ${site.location}, and Azure cannot move it to ${identity.region}. Remove it first, or deploy the new one in another stage.`,
    );
  }
  if (!isStranger && settings.storageAccount !== givenStorage) {
    const present =
      givenStorage === null ? 'the account that was made for it' : `"${givenStorage}"`;
    throw refusal(
      ref,
      'INVALID_ARGUMENT',
      `functions.${ref.name}.providerOptions.azure.storageAccount: it is deployed with ${present}, where its versions and the calls that wait are kept. ${givenStorage === null ? 'Leave the option out' : `Name ${present}`}. Remove it first if it has to move.`,
    );
  }
  if (!isStranger && before !== null && before.zoneRedundant !== settings.zoneRedundant) {
    const word = before.zoneRedundant ? 'with' : 'without';
    throw refusal(
      ref,
      'INVALID_ARGUMENT',
      `functions.${ref.name}.providerOptions.azure.zoneRedundant: it is deployed ${word} zones, and its plan and its storage account stay as they were made. Set it back to ${String(before.zoneRedundant)}, or remove it first, or give the new one another name.`,
    );
  }
}
