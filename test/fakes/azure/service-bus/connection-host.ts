/** Which namespace or account a trigger's connection leads to, and who asks there. */
import type { Caller, World } from '../core/ports.ts';
import { resolveConnection } from '../listeners/bindings.ts';

export type ConnectedHost =
  | { readonly name: string; readonly caller: Caller }
  | { readonly problem: string };

/**
 * The name of what a connection's field names, as `name.servicebus.windows.net`, as `https://name.documents.azure.com:443/`,
 * or as `127.0.0.1:PORT/name`.
 *
 * @param field in lower case: `fullyqualifiednamespace`
 */
export function connectedHost(
  world: World,
  siteId: string,
  connection: unknown,
  field: string,
): ConnectedHost {
  const found = resolveConnection(world, siteId, typeof connection === 'string' ? connection : '');
  if (found.kind === 'none') return { problem: found.problem };
  if (found.kind === 'string') {
    return {
      problem: `The connection '${String(connection)}' holds a key, which this fake has not.`,
    };
  }
  const value = found.fields[field] ?? '';
  const name = hostName(value);
  if (name !== '') return { name, caller: found.caller };
  return { problem: `The connection '${String(connection)}' has no '${field}'.` };
}

function hostName(value: string): string {
  const [host = '', path = ''] = value.replace(/^[a-z]+:\/\//i, '').split('/');
  return /^[\d.]+(?::\d+)?$|^localhost\b/.test(host) ? path : (host.split('.')[0] ?? '');
}
