/** Refusals of Vercel's: see `test/support/refusals.ts`. */
import type { VercelFunctionOptions, VercelOptions } from '../../../providers/vercel/options.ts';
import { refusalsOf, type Refusals } from '../../support/refusals.ts';
import type { Stage } from './stage.ts';

export { EVENTS_SOURCE, SOURCE, type Refusal } from '../../support/refusals.ts';

const SECRETS = /Bearer [\w.-]{8}|vcp_\w{8}|k\d+:[\w-]{16}|eyJ[\w-]{16,}\.[\w-]+/;

export function refusals(stageOf: () => Stage): Refusals<VercelOptions & VercelFunctionOptions> {
  return refusalsOf(stageOf, 'vercel', SECRETS);
}
