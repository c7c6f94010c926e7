import type { FunctionMetrics } from 'polyfaas/spi';

/** Milliseconds since the epoch, both whole minutes; the end is not part of it. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a source of numbers tells. */
export type Counts = Omit<FunctionMetrics, 'coverage' | 'from' | 'to' | 'completeThrough'>;
