/** Labels of what is made for bindings. */
import type { FunctionRef } from 'polyfaas/spi';
import { ownershipLabels, scopeLabels } from '../labels.ts';
import { labelValue } from '../names.ts';

export const EVENT_LABEL = {
  binding: 'polyfaas-binding',
  /** `queue` on the subscription of a queue, which has one consumer; `dead-letter` on one that keeps dead letters. */
  kind: 'polyfaas-kind',
} as const;

export const DEAD_LETTER_KIND = 'dead-letter';

/** What belongs to one binding, or to the function itself. */
export function boundLabels(
  ref: FunctionRef,
  binding?: { readonly id: string; readonly kind: string },
): Readonly<Record<string, string>> {
  return {
    ...ownershipLabels(ref),
    ...(binding === undefined
      ? {}
      : {
          [EVENT_LABEL.binding]: labelValue(binding.id),
          [EVENT_LABEL.kind]: labelValue(binding.kind),
        }),
  };
}

/** What several functions may use belongs to their app and stage. */
export function sourceLabels(ref: FunctionRef): Readonly<Record<string, string>> {
  return scopeLabels(ref);
}
