/** Finds what a path leads to. */
import type { RestCall, WireReply } from './ports.ts';

/** @param params what stands in the places of the path: `{id}` */
export type Handler = (
  call: RestCall,
  ...params: readonly [string, string, string]
) => WireReply | Promise<WireReply>;

/**
 * Answers by a table: `{ 'GET /v9/projects/{id}': handler }`, with at most three places. Undefined: no such path.
 */
export function routes(
  table: Readonly<Record<string, Handler>>,
): (call: RestCall) => Promise<WireReply | undefined> {
  const entries = Object.entries(table).map(([route, handler]) => {
    const [method = '', pattern = ''] = route.split(' ');
    return { method, segments: pattern.split('/'), handler };
  });
  return async (call) => {
    const given = call.path.split('/');
    for (const { method, segments, handler } of entries) {
      if (method !== call.method) continue;
      const params = match(segments, given);
      if (params) return handler(call, params[0] ?? '', params[1] ?? '', params[2] ?? '');
    }
    return undefined;
  };
}

function match(
  segments: readonly string[],
  given: readonly string[],
): readonly string[] | undefined {
  if (segments.length !== given.length) return undefined;
  const params: string[] = [];
  for (const [index, segment] of segments.entries()) {
    const value = given[index] ?? '';
    if (segment.startsWith('{') && value !== '') params.push(value);
    else if (segment !== value) return undefined;
  }
  return params;
}
