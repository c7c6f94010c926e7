/**
 * What functions may have: "Vercel Functions limits", "Configuring maximum duration", "Configuring regions",
 * "Supported Node.js versions" and "Cron jobs: usage and pricing" of https://vercel.com/docs. Durations above 800 s are a
 * beta, which the account of the fake has (`DEFAULT_MAX_DURATION_LIMIT` of `@vercel/build-utils`).
 */
import type { Plan } from '../../core/ports.ts';

export interface PlanLimits {
  readonly tier: Plan['tier'];
  readonly memoryMb: number;
  readonly maxDurationSeconds: number;
}

export function limitsOf(tier: Plan['tier']): PlanLimits {
  return tier === 'hobby'
    ? { tier, memoryMb: 2_048, maxDurationSeconds: 300 }
    : { tier, memoryMb: 4_096, maxDurationSeconds: 1_800 };
}

export const LEAST_MEMORY_MB = 128;
/** Without a setting of the function's, under fluid compute. */
export const USUAL_MEMORY_MB = 2_048;
export const USUAL_DURATION_SECONDS = 300;
export const USUAL_CONCURRENCY = 100;
export const USUAL_REGION = 'iad1';
/** `MAX_LAMBDA_UNCOMPRESSED_SIZE` of `@vercel/build-utils`. */
export const UNPACKED_BYTES = 262_144_000;
export const FUNCTION_PATH_LENGTH = 128;
/** Keys and values of all variables that a function sees. */
export const ENVIRONMENT_BYTES = 65_536;
export const MOST_ROUTES = 2_048;
export const MOST_CRONS = 100;
/** Where a trigger does not say when a failed delivery comes again. */
export const USUAL_RETRY_SECONDS = 60;

/** Node.js 20 was discontinued on 2026-10-01. */
export const RUNTIMES: ReadonlySet<string> = new Set(['nodejs22.x', 'nodejs24.x']);

export const REGIONS: ReadonlySet<string> = new Set([
  'arn1',
  'bom1',
  'cdg1',
  'cle1',
  'cpt1',
  'dub1',
  'dxb1',
  'fra1',
  'gru1',
  'hkg1',
  'hnd1',
  'iad1',
  'icn1',
  'kix1',
  'lhr1',
  'pdx1',
  'sfo1',
  'sin1',
  'syd1',
  'yul1',
]);
