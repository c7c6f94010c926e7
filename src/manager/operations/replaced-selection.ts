import type { NormalEvent } from '../../spi/bindings.ts';
import { sameJson } from '../../spi/digest.ts';
import type { Warning } from '../../spi/plan.ts';

/** What says which of a source's events are meant. The id that a binding has by itself does not tell them apart. */
const SELECTION = ['pattern', 'filter', 'prefix', 'suffix'] as const;

/**
 * Somebody who adds a second selection of a source without an id replaces the first one, which is what one who changes
 * it wants, and one who wants both has to hear of.
 */
export function replacedSelection(
  id: string,
  before: NormalEvent,
  after: NormalEvent,
): readonly Warning[] {
  const field = SELECTION.find((name) => !sameJson(valueOf(before, name), valueOf(after, name)));
  if (field === undefined) return [];
  return [
    {
      type: 'other',
      field: `event.${field}`,
      message: `The binding "${id}" had another ${field}, which this one replaces. To have both, give each an id of its own.`,
    },
  ];
}

function valueOf(event: NormalEvent, field: (typeof SELECTION)[number]): unknown {
  return field in event ? Reflect.get(event, field) : null;
}
