/** The other functions of a project, of whatever app and stage, and what they use. */
import type { CallContext } from 'polyfaas/spi';
import type { GcpClients } from '../../clients/index.ts';
import { textsAt } from '../../clients/json.ts';
import { isOwned, isOwnedBy, type Labels } from '../../labels.ts';
import { decodeRecord } from '../../record-text.ts';
import { LABEL, RECORD_ANNOTATION, type FunctionRecord } from '../../record.ts';
import { settingsSecretsOfAll } from '../../settings-secrets.ts';
import { parseGrantKey } from '../grants/need.ts';
import { deadLetterOf, sourceOf, type SourceContext } from '../source.ts';
import type { Where } from '../steps.ts';

/** Another function. */
export interface Neighbour {
  /** As its label has it. */
  readonly name: string;
  /** Those of its settings secret. */
  readonly labels: Labels;
  /** Undefined when its annotation cannot be read. */
  readonly record: FunctionRecord | undefined;
}

/** Every other function: each has a settings secret. Topics and buckets are the whole project's, so any may use them. */
export async function neighboursOf(
  gcp: GcpClients,
  { ref, projectId }: Pick<Where, 'ref' | 'projectId'>,
  call: CallContext,
): Promise<readonly Neighbour[]> {
  const secrets = await settingsSecretsOfAll(gcp, projectId, call);
  return secrets.flatMap((secret): Neighbour[] => {
    const labels = textsAt(secret, 'labels');
    const name = labels[LABEL.function];
    if (name === undefined || !isOwned(labels) || isOwnedBy(ref, labels)) return [];
    const text = textsAt(secret, 'annotations')[RECORD_ANNOTATION];
    // Before its first record is written a function has made nothing.
    return text === undefined ? [] : [{ name, labels, record: decodeRecord(text) }];
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
