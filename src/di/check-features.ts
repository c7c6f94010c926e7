/** Whether the rows of an adapter's capabilities say what refusals and documentation tell users from them. */
import { CAPABILITY_KEYS, type CapabilityKey } from '../spi/capabilities.ts';
import { field, isObject } from './fields.ts';

const SUPPORT: ReadonlySet<unknown> = new Set(['native', 'emulated', 'none']);

/** What is wrong with the rows, for the adapter's author. */
export function wrongFeatures(features: unknown): readonly string[] {
  const rows = CAPABILITY_KEYS.map((key) => ({ key, row: field(features, key) }));
  const without = rows.filter(({ row }) => !SUPPORT.has(field(row, 'support')));
  const rest = rows.filter(({ row }) => SUPPORT.has(field(row, 'support')));
  const isNone = (row: unknown): boolean => field(row, 'support') === 'none';
  const mute = rest.filter(({ row }) => isNone(row) && !isTold(field(row, 'why')));
  const vague = rest.filter(({ row }) => !isNone(row) && !isTold(field(row, 'via')));
  const odd = rest.filter(({ row }) => !isNone(row) && !areLimits(field(row, 'limits')));
  return [
    ...problem(without, 'there is no support for'),
    ...problem(mute, 'there is no `why`, with the nearest thing that works, for the "none" of'),
    ...problem(vague, 'there is no `via`, with what it is by, for'),
    ...problem(odd, 'the `limits` have to be numbers and texts, for'),
  ];
}

function problem(
  rows: readonly { readonly key: CapabilityKey }[],
  what: string,
): readonly string[] {
  if (rows.length === 0) return [];
  return [`capabilities.features: ${what} ${rows.map(({ key }) => `"${key}"`).join(', ')}`];
}

function isTold(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function areLimits(limits: unknown): boolean {
  if (limits === undefined) return true;
  return (
    isObject(limits) &&
    Object.values(limits).every(
      (limit: unknown) => typeof limit === 'string' || Number.isFinite(limit),
    )
  );
}
