/** Tags of functions; those of event source mappings are kept by the mappings. */
import { invalid, textMap, type Input } from '../core/operation.ts';
import type { RestInput, RestRoute } from '../core/rest.ts';
import { invalidParameter, notFound } from './faults.ts';
import type { FunctionState, LambdaState } from './state.ts';

const MAX_TAGS = 50;
const CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const KEY_LENGTH = 128;
const VALUE_LENGTH = 256;

/** `Tags`, checked. */
export function readTags(input: Input): Readonly<Record<string, string>> {
  const tags = input['Tags'] === undefined ? {} : textMap(input, 'Tags');
  for (const [key, value] of Object.entries(tags)) {
    if (key.length < 1 || key.length > KEY_LENGTH || !CHARACTERS.test(key)) {
      throw invalid(
        'tags',
        tags,
        `Map keys must satisfy constraint: [Member must have length less than or equal to ${KEY_LENGTH}, Member must satisfy regular expression pattern: ${CHARACTERS.source}]`,
      );
    }
    if (value.length > VALUE_LENGTH || !CHARACTERS.test(value)) {
      throw invalid(
        'tags',
        tags,
        `Map value must satisfy constraint: [Member must have length less than or equal to ${VALUE_LENGTH}, Member must satisfy regular expression pattern: ${CHARACTERS.source}]`,
      );
    }
    if (key.startsWith('aws:')) {
      throw invalidParameter(`Tag key ${key} uses the reserved prefix aws:.`);
    }
  }
  if (Object.keys(tags).length > MAX_TAGS) throw tooMany();
  return tags;
}

function tooMany(): Error {
  return invalidParameter(`Cannot have more than ${MAX_TAGS} tags.`);
}

export function tagRoutes(state: LambdaState): readonly RestRoute[] {
  const path = '/2017-03-31/tags/{arn}';
  const resource = (input: RestInput): string => input.params['arn'] ?? '';

  function functionOf(arn: string): FunctionState {
    const { fn, qualifier } = state.find(arn);
    if (qualifier !== undefined) {
      throw invalidParameter(
        'Tags on function aliases and versions are not supported. Please specify either a function name or an unqualified function ARN.',
      );
    }
    return fn;
  }

  return [
    {
      method: 'POST',
      path,
      operation: 'TagResource',
      resource,
      run(input) {
        const arn = resource(input);
        const tags = readTags(input.body);
        if (isMapping(arn)) {
          state.world.mappings.tag(arn, tags);
          return { status: 204 };
        }
        const fn = functionOf(arn);
        if (new Set([...fn.tags.keys(), ...Object.keys(tags)]).size > MAX_TAGS) throw tooMany();
        for (const [key, value] of Object.entries(tags)) fn.tags.set(key, value);
        return { status: 204 };
      },
    },
    {
      method: 'DELETE',
      path,
      operation: 'UntagResource',
      resource,
      run(input) {
        const arn = resource(input);
        const keys = input.query.getAll('tagKeys');
        if (keys.length === 0) throw invalid('tagKeys', undefined, 'Member must not be null');
        if (isMapping(arn)) {
          state.world.mappings.untag(arn, keys);
          return { status: 204 };
        }
        const fn = functionOf(arn);
        for (const key of keys) fn.tags.delete(key);
        return { status: 204 };
      },
    },
    {
      method: 'GET',
      path,
      operation: 'ListTags',
      resource,
      run(input) {
        const arn = resource(input);
        if (!isMapping(arn)) return { body: { Tags: Object.fromEntries(functionOf(arn).tags) } };
        const tags = state.world.mappings.tags(arn);
        if (!tags) throw notFound('The resource you requested does not exist.');
        return { body: { Tags: tags } };
      },
    },
  ];
}

function isMapping(arn: string): boolean {
  return arn.includes(':event-source-mapping:');
}
