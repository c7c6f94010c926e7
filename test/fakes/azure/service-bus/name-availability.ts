import { requireApiVersion } from '../core/api-versions.ts';
import { mapOf, textOf } from '../core/json.ts';
import type { ArmCall, WireReply } from '../core/ports.ts';
import { parseId } from '../core/resource-id.ts';
import type { ResourceTree } from './resource-tree/tree.ts';

/** `POST /subscriptions/S/providers/NS/CheckNameAvailability`; undefined for another call. */
export function nameAvailability(
  call: ArmCall,
  tree: ResourceTree,
  apiVersions: readonly string[],
): WireReply | undefined {
  const id = parseId(call.path);
  const isAsked = id?.rest.length === 1 && id.rest[0]?.toLowerCase() === 'checknameavailability';
  if (!isAsked || call.method !== 'POST') return undefined;
  requireApiVersion(`${tree.namespace}/checkNameAvailability`, call.apiVersion, apiVersions);
  const nameAvailable = !tree.isTaken(textOf(mapOf(call.body)['name']));
  const reason = nameAvailable ? 'None' : 'NameInUse';
  return { status: 200, body: { nameAvailable, reason, message: '' } };
}
