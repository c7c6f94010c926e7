/** Refusals of Google Cloud's: see `test/support/refusals.ts`. */
import type { GcpFunctionOptions, GcpOptions } from '../../../providers/gcp/options.ts';
import { refusalsOf, type Refusals } from '../../support/refusals.ts';
import type { Stage } from './stage.ts';

export { EVENTS_SOURCE, SOURCE, type Refusal } from '../../support/refusals.ts';

const SECRETS = /Bearer [\w.-]{8}|ya29\.[\w-]{8}|eyJ[\w-]{16,}\.[\w-]+|PRIVATE KEY/;

export function refusals(stageOf: () => Stage): Refusals<GcpOptions & GcpFunctionOptions> {
  return refusalsOf(stageOf, 'gcp', SECRETS);
}
