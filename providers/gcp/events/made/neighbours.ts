/** The other functions of an app and stage, and what they use. */
import type { CallContext } from 'polyfaas/spi';
import type { GcpClients } from '../../clients/index.ts';
import { textsAt } from '../../clients/json.ts';
import { isOfScope, scopeLabels } from '../../labels.ts';
import { labelValue } from '../../names.ts';
import { decodeRecord } from '../../record-text.ts';
import { LABEL, RECORD_ANNOTATION, type FunctionRecord } from '../../record.ts';
import { settingsSecretsWith } from '../../settings-secrets.ts';
import { parseGrantKey } from '../grants/need.ts';
import { deadLetterOf, sourceOf, type SourceContext } from '../source.ts';
import type { Where } from '../steps.ts';

/** Another function. */
export interface Neighbour {
  /** As its label has it. */
  readonly name: string;
  /** Undefined when its annotation cannot be read. */
  readonly record: FunctionRecord | undefined;
}

/** Every other function of the app and stage: each has a settings secret with their labels. */
export async function neighboursOf(
  gcp: GcpClients,
  { ref, projectId }: Pick<Where, 'ref' | 'projectId'>,
  call: CallContext,
): Promise<readonly Neighbour[]> {
  const secrets = await settingsSecretsWith(gcp, projectId, scopeLabels(ref), call);
  return secrets.flatMap((secret): Neighbour[] => {
    const labels = textsAt(secret, 'labels');
    const name = labels[LABEL.function];
    if (name === undefined || name === labelValue(ref.name) || !isOfScope(ref, labels)) return [];
    const text = textsAt(secret, 'annotations')[RECORD_ANNOTATION];
    // Before its first record is written a function has made nothing.
    return text === undefined ? [] : [{ name, record: decodeRecord(text) }];
  });
}

/** True when a function reads a source, or sends its dead letters or outcomes there. */
export function isUsedBy({ record }: Neighbour, id: string, context: SourceContext): boolean {
  // What cannot be read may use anything.
  if (record === undefined) return true;
  const isDestination = record.made.some(
    (one) => one.kind === 'destination' && parseGrantKey(one.id)?.resource === id,
  );
  return (
    isDestination ||
    record.bindings.some(
      ({ event }) => sourceOf(context, event)?.id === id || deadLetterOf(context, event)?.id === id,
    )
  );
}
