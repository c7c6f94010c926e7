/** Which HTTP function a request is for. */
import type { RegisteredFunction } from '../core/ports.ts';
import { parseRoute, type RouteTemplate, type RouteValues } from './route-template.ts';

export interface Route {
  readonly functionName: string;
  /** The name of the trigger's binding. */
  readonly trigger: string;
  /** In upper case; empty: all. */
  readonly methods: ReadonlySet<string>;
  readonly level: 'anonymous' | 'function' | 'admin';
  readonly template: RouteTemplate;
}

/** The routes of all HTTP functions, in the order in which they are tried. */
export function routesOf(
  functions: readonly RegisteredFunction[],
  routePrefix: string,
): readonly Route[] {
  return functions
    .flatMap(({ name, bindings }) =>
      Object.entries(bindings)
        .filter(([, { type }]) => type === 'httpTrigger')
        .map(([trigger, { route, methods, authLevel }]) => ({
          functionName: name,
          trigger,
          methods: new Set(
            Array.isArray(methods) ? methods.map((method) => String(method).toUpperCase()) : [],
          ),
          level: levelOf(authLevel),
          template: parseRoute(typeof route === 'string' ? route : name, routePrefix),
        })),
    )
    .toSorted((one, other) => one.template.precedence - other.template.precedence);
}

/** A method that no function with such a route takes is as unknown as another route. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  url: string,
): { readonly route: Route; readonly values: RouteValues } | undefined {
  const path = url.replace(/[?#].*$/s, '').replace(/^\//, '');
  for (const route of routes) {
    if (route.methods.size > 0 && !route.methods.has(method)) continue;
    const values = route.template.match(path);
    if (values) return { route, values };
  }
  return undefined;
}

function levelOf(value: unknown): Route['level'] {
  const level = String(value).toLowerCase();
  return level === 'anonymous' || level === 'admin' ? level : 'function';
}
