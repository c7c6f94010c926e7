/** Refusals of Azure's: see `test/support/refusals.ts`. */
import { refusalsOf, type Refusals } from '../../support/refusals.ts';
import type { AzureFunctionOptions, AzureOptions } from '../../../providers/azure/options.ts';
import type { Stage } from './stage.ts';

export { EVENTS_SOURCE, SOURCE, type Refusal } from '../../support/refusals.ts';

const SECRETS = /Bearer [\w.-]{8}|AccountKey=\w|[?&]sig=|[\w-]{40,}AzFu==/;

export function refusals(stageOf: () => Stage): Refusals<AzureOptions & AzureFunctionOptions> {
  return refusalsOf(stageOf, 'azure', SECRETS);
}
