/**
 * Routes of the Build Output API, version 3.
 *
 * @see https://vercel.com/docs/build-output-api/configuration#routes
 */
import { mapOf, textOf } from '../core/json.ts';
import type { DeployedFunction, ReadyDeployment } from '../core/ports.ts';
import { isHeld } from './conditions.ts';

/** Where a request goes. */
export type RouteResult = (
  | { readonly kind: 'function'; readonly func: DeployedFunction; readonly status: number | null }
  | { readonly kind: 'status'; readonly status: number }
  /** No path of the deployment's. */
  | { readonly kind: 'missing' }
  /** A route leads somewhere else. */
  | { readonly kind: 'external'; readonly url: string }
) & {
  /** Of the answer, by the routes on the way. */
  readonly headers: readonly string[];
};

export interface RoutedRequest {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly headers: readonly string[];
}

type Route = ReadyDeployment['routes'][number];

/** Follows the routes of a deployment. Functions with triggers are private: no path leads to them. */
export function followRoutes(
  { routes, functions }: Pick<ReadyDeployment, 'routes' | 'functions'>,
  request: RoutedRequest,
): RouteResult {
  const headers = new Map<string, string>();
  const phases = phasesOf(routes);
  let path = request.url.split('?')[0] ?? '/';
  let status: number | null = null;

  const result = (end: Ending): RouteResult => {
    if (end.kind === 'function') {
      for (const route of phases.get('hit') ?? []) {
        const match = matchOf(route, path, request);
        if (match) setHeaders(headers, route, match);
      }
    }
    return { ...end, headers: [...headers].flat() };
  };
  const found = (): Ending | undefined => {
    const func = functionAt(functions, path);
    return func && { kind: 'function', func, status };
  };
  const follow = (phase: readonly Route[]): Ending | undefined => {
    for (const route of phase) {
      const match = matchOf(route, path, request);
      if (!match) continue;
      setHeaders(headers, route, match);
      if (typeof route['status'] === 'number') status = route['status'];
      const dest = textOf(route['dest']);
      if (/^https?:\/\//.test(dest)) return { kind: 'external', url: filled(dest, match) };
      if (dest !== '') path = filled(dest, match).split('?')[0] ?? '/';
      if (route['continue'] === true) continue;
      if (dest === '') return { kind: 'status', status: status ?? 200 };
      const end = found();
      if (end) return end;
      // Only a route that asks for the check lets others go on from where it leads.
      if (route['check'] !== true) return { kind: 'missing' };
    }
    return undefined;
  };

  for (const phase of [null, 'filesystem', 'resource', 'rewrite', 'miss']) {
    if (phase === 'filesystem') {
      const end = found();
      if (end) return result(end);
    }
    const end = follow(phases.get(phase) ?? []);
    if (end) return result(end);
  }
  return result(found() ?? { kind: 'missing' });
}

type Ending =
  | Omit<Extract<RouteResult, { kind: 'function' }>, 'headers'>
  | Omit<Extract<RouteResult, { kind: 'status' }>, 'headers'>
  | Omit<Extract<RouteResult, { kind: 'missing' }>, 'headers'>
  | Omit<Extract<RouteResult, { kind: 'external' }>, 'headers'>;

interface Match {
  readonly values: readonly (string | undefined)[];
  readonly names: Readonly<Record<string, string | undefined>>;
}

/** Routes by the handle that is before them. */
function phasesOf(routes: readonly Route[]): ReadonlyMap<string | null, readonly Route[]> {
  const phases = new Map<string | null, Route[]>();
  let phase: string | null = null;
  for (const route of routes) {
    if (typeof route['handle'] === 'string') phase = route['handle'];
    else phases.set(phase, [...(phases.get(phase) ?? []), route]);
  }
  return phases;
}

function matchOf(route: Route, path: string, request: RoutedRequest): Match | undefined {
  const { methods, caseSensitive, has, missing } = route;
  if (Array.isArray(methods) && !methods.includes(request.method)) return undefined;
  const source = textOf(route['src']);
  const anchored = `${source.startsWith('^') ? '' : '^'}${source}${source.endsWith('$') ? '' : '$'}`;
  const match = new RegExp(anchored, caseSensitive === true ? '' : 'i').exec(path);
  if (!match) return undefined;
  if (Array.isArray(has) && !has.every((each) => isHeld(mapOf(each), request))) return undefined;
  if (Array.isArray(missing) && missing.some((each) => isHeld(mapOf(each), request)))
    return undefined;
  return { values: [...match], names: match.groups ?? {} };
}

function setHeaders(headers: Map<string, string>, route: Route, match: Match): void {
  for (const [name, value] of Object.entries(mapOf(route['headers'])))
    headers.set(name, filled(textOf(value), match));
}

/** `$1` and `$name` are what the path has there. */
function filled(text: string, { values, names }: Match): string {
  return text.replaceAll(/\$(\d+|[A-Za-z]\w*)/g, (_, key: string) =>
    /^\d/.test(key) ? (values[Number(key)] ?? '') : (names[key] ?? ''),
  );
}

function functionAt(
  functions: readonly DeployedFunction[],
  path: string,
): DeployedFunction | undefined {
  const name = path.replace(/^\//, '');
  const names = [name, name === '' ? 'index' : `${name}/index`];
  return functions.find((func) => names.includes(func.name) && func.triggers.length === 0);
}
