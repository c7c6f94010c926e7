/**
 * Tags of anything by `{id}/providers/Microsoft.Resources/tags/default`.
 * https://learn.microsoft.com/rest/api/resources/tags
 */
import { requireApiVersion } from '../core/api-versions.ts';
import { at, textOf } from '../core/json.ts';
import type { ArmCall, WireReply } from '../core/ports.ts';
import { ArmFault } from '../core/service.ts';
import { checkTags, mergedTags, tagValue, tagsOf, type Tags } from '../core/tags.ts';
import { methodNotAllowed } from './faults.ts';
import { RESOURCES_API_VERSIONS } from './groups.ts';

/** What has tags. */
export interface Tagged {
  read(): Tags;
  write(tags: Tags): void;
}

/** @param scope what the tags are of, as it was written */
export function answerTags(call: ArmCall, scope: string, tagged: Tagged): WireReply {
  requireApiVersion('Microsoft.Resources/tags', call.apiVersion, RESOURCES_API_VERSIONS);
  const shown = (): WireReply => ({
    status: 200,
    body: {
      id: `${scope}/providers/Microsoft.Resources/tags/default`,
      name: 'default',
      type: 'Microsoft.Resources/tags',
      properties: { tags: tagged.read() },
    },
  });
  if (call.method === 'GET') return shown();
  if (call.method === 'DELETE') {
    tagged.write({});
    return { status: 200 };
  }
  if (call.method !== 'PUT' && call.method !== 'PATCH') {
    throw methodNotAllowed(call.method, call.path);
  }
  if (at(call.body, 'properties') === undefined) throw missing('properties');
  const wish = tagsOf(at(call.body, 'properties'));
  const next = call.method === 'PUT' ? wish : patched(call, tagged.read(), wish);
  tagged.write(checkTags(next));
  return shown();
}

function patched(call: ArmCall, tags: Tags, wish: Tags): Tags {
  const operation = textOf(at(call.body, 'operation'));
  if (operation === 'Replace') return wish;
  if (operation === 'Merge') return mergedTags(tags, wish);
  if (operation !== 'Delete') throw missing('operation');
  // Only a pair that is exactly so goes; an empty value stands for any.
  return Object.fromEntries(
    Object.entries(tags).filter(([name, value]) => {
      const asked = tagValue(wish, name);
      return asked !== value && asked !== '';
    }),
  );
}

function missing(member: string): ArmFault {
  return new ArmFault(
    400,
    'InvalidRequestContent',
    `The request content was invalid and could not be deserialized: '${member}' is missing or not valid.`,
  );
}
