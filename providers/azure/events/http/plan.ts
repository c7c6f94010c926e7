/** Routes: one function of the package takes the requests of all of them, and the code inside tells them apart. */
import type { Binding } from 'polyfaas/spi';
import { OWN_FUNCTIONS, type TriggerSpec } from '../../manifest.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

export function httpTriggers(bindings: readonly Binding[]): readonly TriggerSpec[] {
  if (!hasHttp(bindings)) return [];
  const options = { methods: METHODS, authLevel: 'anonymous', route: '{*path}' };
  return [{ name: OWN_FUNCTIONS.http, method: 'http', bindingId: null, options }];
}

export function hasHttp(bindings: readonly Binding[]): boolean {
  return bindings.some(({ event }) => event.type === 'http' && event.enabled);
}
