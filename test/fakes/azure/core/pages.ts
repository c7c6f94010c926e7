/** Lists that come in pages. */
import type { ArmCall, WireReply } from './ports.ts';

/** One entry a page: how long its pages are is the service's own choice, and who takes the first for all is found out. */
export function pageOf(endpoint: string, call: ArmCall, all: readonly object[]): WireReply {
  const at = Number(call.query.get('$skipToken') ?? 0);
  const next = at + 1;
  const query = `api-version=${call.apiVersion}&$skipToken=${next}`;
  const nextLink = next < all.length ? `${endpoint}${encodeURI(call.path)}?${query}` : null;
  return { status: 200, body: { value: all.slice(at, next), nextLink } };
}
