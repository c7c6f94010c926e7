/** Tags of APIs and stages. */
import { textMap } from '../core/operation.ts';
import type { RestInput, RestRoute } from '../core/rest.ts';
import { BAD, badRequest, notFound } from './faults.ts';
import type { GatewayState } from './state.ts';

const MAX_TAGS = 50;
const CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** The tags that there are, with those given. */
export function readTags(
  given: Readonly<Record<string, string>>,
  before: ReadonlyMap<string, string>,
): Map<string, string> {
  for (const [key, value] of Object.entries(given)) {
    if (key.length < 1 || key.length > 128 || value.length > 256) {
      throw badRequest(`Invalid tag ${key}: keys have 1 to 128 characters, values at most 256.`);
    }
    if (!CHARACTERS.test(key) || !CHARACTERS.test(value) || key.startsWith('aws:')) {
      throw badRequest(`Invalid characters in tag ${key}.`);
    }
  }
  const tags = new Map([...before, ...Object.entries(given)]);
  if (tags.size > MAX_TAGS) throw badRequest(`A resource cannot have more than ${MAX_TAGS} tags.`);
  return tags;
}

export function tagRoutes(state: GatewayState): readonly RestRoute[] {
  const path = '/v2/tags/{arn}';

  function tagsOf(input: RestInput): Map<string, string> {
    const arn = input.params['arn'] ?? '';
    const prefix = `arn:aws:apigateway:${state.world.region}::/apis/`;
    const [id, , stage] = arn.startsWith(prefix) ? arn.slice(prefix.length).split('/') : [];
    const api = state.apis.get(id ?? '');
    const tags = stage === undefined ? api?.tags : api?.stages.get(stage)?.tags;
    if (!tags) throw notFound(`Invalid resource identifier specified: ${arn}`);
    return tags;
  }

  return [
    {
      method: 'GET',
      path,
      operation: 'GetTags',
      run: (input) => ({ body: { tags: Object.fromEntries(tagsOf(input)) } }),
    },
    {
      method: 'POST',
      path,
      operation: 'TagResource',
      run(input) {
        const tags = tagsOf(input);
        for (const [key, value] of readTags(textMap(input.body, 'tags', BAD), tags)) {
          tags.set(key, value);
        }
        return { status: 201, body: {} };
      },
    },
    {
      method: 'DELETE',
      path,
      operation: 'UntagResource',
      run(input) {
        const tags = tagsOf(input);
        const keys = input.query.getAll('tagKeys');
        if (keys.length === 0) throw badRequest('tagKeys is required.');
        for (const key of keys) tags.delete(key);
        return { status: 204 };
      },
    },
  ];
}
