/** From a request on the wire to a call of Resource Manager. */
import type { ArmCall } from '../core/ports.ts';
import { ArmFault, type PlaneRequest } from '../core/service.ts';
import { unauthenticated } from './faults.ts';

/** Preview and other versions have a word behind the date. */
const API_VERSION = /^\d{4}-\d{2}-\d{2}(?:-[a-z]+(?:\.\d+)?)?$/i;

/** Checks what is checked of every call: who, the version of the API, and that the body can be read. */
export function readCall(request: PlaneRequest): ArmCall {
  const { method, headers, caller } = request;
  if (!caller) throw unauthenticated(headers['authorization'] !== undefined);
  const [rawPath = '/', search = ''] = splitOnce(request.url, '?');
  const query = new URLSearchParams(search);
  const apiVersion = [...query].find(([name]) => name.toLowerCase() === 'api-version')?.[1];
  if (apiVersion === undefined || apiVersion === '') {
    throw new ArmFault(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    );
  }
  if (!API_VERSION.test(apiVersion)) {
    throw new ArmFault(
      400,
      'InvalidApiVersionParameter',
      `The api-version '${apiVersion}' is invalid.`,
    );
  }
  const path = decoded(rawPath).replace(/\/+$/, '');
  return { method, path, apiVersion, query, headers, body: bodyOf(request), caller };
}

function bodyOf({ method, headers, body }: PlaneRequest): unknown {
  if (body.length === 0) {
    if (method !== 'PUT' && method !== 'PATCH') return undefined;
    throw unreadable('The request content is empty.');
  }
  const type = headers['content-type'] ?? '';
  if (!/^(?:application|text)\/(?:[a-z.+-]*\+)?json\b/i.test(type)) {
    throw new ArmFault(
      415,
      'UnsupportedMediaType',
      `The content media type '${type || '<null>'}' is not supported. Only 'application/json' is supported.`,
    );
  }
  try {
    return JSON.parse(body.toString());
  } catch {
    throw unreadable('It is not JSON.');
  }
}

function unreadable(why: string): ArmFault {
  return new ArmFault(
    400,
    'InvalidRequestContent',
    `The request content was invalid and could not be deserialized: '${why}'.`,
  );
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new ArmFault(400, 'InvalidRequestUri', 'The request URI is not valid.');
  }
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
