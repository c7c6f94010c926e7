/** What a case is. */
import type { CapabilityKey } from '../spi/capabilities.ts';
import type { ContractContext } from './context.ts';
import type { FaultKind } from './subject.ts';

/** The parts of the contract. */
export const CONTRACT_AREAS = [
  'deploy',
  'plan',
  'ownership',
  'rollback',
  'remove',
  'fleet',
  'secrets',
  'invoke',
  'async',
  'signature',
  'binding',
  'http',
  'schedule',
  'queue',
  'topic',
  'object',
  'stream',
  'table',
  'bus',
  'warm',
  'metrics',
  'logs',
  'input',
  'faults',
  'meanwhile',
] as const;

export type ContractArea = (typeof CONTRACT_AREAS)[number];

/** One thing that every adapter does the same way. */
export interface ContractCase {
  /** `area/what`, unique and stable: documentation and known gaps refer to it. */
  readonly id: string;
  readonly area: ContractArea;
  /** A sentence that is true of every adapter. */
  readonly title: string;
  /** Where one of these has support `none`, the case asserts the refusal instead. */
  readonly requires: readonly CapabilityKey[];
  /** The fault that the case injects. */
  readonly fault?: FaultKind;
  run(t: ContractContext): Promise<void>;
}

/** Writes cases of one area tersely. */
export function casesOf(
  area: ContractArea,
): (
  id: string,
  title: string,
  requires: readonly CapabilityKey[],
  run: (t: ContractContext) => Promise<void>,
) => ContractCase {
  return (id, title, requires, run) => ({ id: `${area}/${id}`, area, title, requires, run });
}
