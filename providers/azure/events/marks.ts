/**
 * What says whose a source is. Few sources can carry tags: queues and containers of Azure Storage have metadata, Event Hubs
 * and Service Bus a text, tables of Cosmos DB have tags. What is in a host of ours, or is one, is ours anyway.
 */
import type { JsonObject } from 'polyfaas/spi';
import { textAt, textsAt } from '../arm/json.ts';
import type { Target } from '../model.ts';
import { isOwnedBy, ownershipTags } from '../names.ts';
import { TAG } from '../record.ts';
import type { SourceRef } from './source.ts';

type Owner = Pick<Target, 'ref'>;
type MarkForm = 'metadata' | 'text' | 'tags';

/** Names of metadata are those of variables. */
const METADATA = {
  [TAG.app]: 'polyfaas_app',
  [TAG.stage]: 'polyfaas_stage',
  [TAG.function]: 'polyfaas_function',
};

function formOf({ kind, service }: Pick<SourceRef, 'kind' | 'service'>): MarkForm {
  if (kind === 'table') return 'tags';
  return service === 'storage' ? 'metadata' : 'text';
}

/** The marks of a function, as the parts of a request's body. */
export function marked(
  source: Pick<SourceRef, 'kind' | 'service'>,
  { ref }: Owner,
): { readonly properties?: object; readonly tags?: object } {
  const tags = ownershipTags(ref);
  switch (formOf(source)) {
    case 'tags':
      return { tags };
    case 'metadata':
      return {
        properties: {
          metadata: Object.fromEntries(
            Object.entries(METADATA).map(([tag, name]) => [name, tags[tag] ?? '']),
          ),
        },
      };
    case 'text':
      break;
  }
  return { properties: { userMetadata: JSON.stringify(tags) } };
}

/** True when a source carries the marks of this function. */
export function isMarked(
  source: Pick<SourceRef, 'kind' | 'service'>,
  { ref }: Owner,
  body: JsonObject,
): boolean {
  return isOwnedBy(ref, marksOf(formOf(source), body));
}

function marksOf(form: MarkForm, body: JsonObject): Readonly<Record<string, string>> {
  if (form === 'tags') return textsAt(body, 'tags');
  if (form === 'metadata') {
    const found = textsAt(body, 'properties', 'metadata');
    // The service may write names of metadata in lower case.
    return Object.fromEntries(
      Object.entries(METADATA).map(([tag, name]) => [tag, found[name] ?? '']),
    );
  }
  return parsed(textAt(body, 'properties', 'userMetadata') ?? '');
}

/** Strangers write there what they like. */
function parsed(text: string): Readonly<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value).flatMap(([key, one]: [string, unknown]) =>
            typeof one === 'string' ? [[key, one]] : [],
          ),
        )
      : {};
  } catch {
    return {};
  }
}
