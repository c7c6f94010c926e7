import { shorten } from '../../spec/issues.ts';
import { nearestName } from '../../spec/nearest.ts';
import type { Binding } from '../../spi/bindings.ts';
import type { Warning } from '../../spi/plan.ts';

/**
 * To take away what is not there is no mistake, for it may be the second time. Where others are there, one of them may
 * be meant.
 */
export function absentEvent(
  name: string,
  bindingId: string,
  bindings: readonly Pick<Binding, 'id'>[],
): readonly Warning[] {
  const ids = bindings.map(({ id }) => id).sort();
  if (ids.length === 0 || ids.includes(bindingId)) return [];
  const nearest = nearestName(bindingId, ids);
  const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
  const message = `"${shorten(bindingId, 80)}" is none of the events of "${name}", which are: ${ids.join(', ')}.${hint}`;
  return [{ type: 'ignored', field: 'bindingId', message }];
}
