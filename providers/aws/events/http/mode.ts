/** Which of AWS's two fronts serves the routes. */
import type { Binding } from 'polyfaas/spi';
import { EVERY_PATH } from '../../route-policy.ts';

/** `url`: the function's own URL. `api`: an HTTP API of API Gateway. */
export type HttpMode = 'none' | 'url' | 'api';

/** The function's own URL serves one plain route for everything; all else needs an API. */
export function httpMode(bindings: readonly Binding[]): HttpMode {
  const routes = bindings.flatMap(({ event }) =>
    event.type === 'http' && event.enabled ? [event] : [],
  );
  const [first] = routes;
  if (first === undefined) return 'none';
  const isPlain =
    routes.length === 1 &&
    first.path === EVERY_PATH &&
    first.methods.includes('ANY') &&
    first.cors === undefined &&
    first.jwt === undefined &&
    first.rateLimit === undefined &&
    first.maxBodyBytes === undefined;
  return isPlain ? 'url' : 'api';
}
