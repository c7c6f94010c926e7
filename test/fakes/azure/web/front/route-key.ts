/** What the key of a request allows. */
import type { RegisteredFunction } from '../../core/ports.ts';
import { textOf, type Json } from '../body.ts';
import type { HostKeys } from '../state.ts';

type KeyLevel = 'anonymous' | 'function' | 'admin';

/** The key of a request: in the header, or as `code` in the query. */
export function keyOf(
  headers: Readonly<Record<string, string>>,
  query: URLSearchParams,
): string | undefined {
  return headers['x-functions-key'] ?? query.get('code') ?? undefined;
}

/** A key of one function counts for its route only. */
export async function levelOf(
  key: string | undefined,
  keys: HostKeys | undefined,
  path: string,
  hostConfig: Json,
  functions: () => Promise<readonly RegisteredFunction[]>,
): Promise<KeyLevel> {
  if (key === undefined || !keys) return 'anonymous';
  if (key === keys.master) return 'admin';
  if ([...keys.functions.values()].includes(key)) return 'function';
  const owner = [...keys.ofFunctions].find(([, value]) => value === key)?.[0];
  if (owner === undefined) return 'anonymous';
  const own = (await functions()).find(({ name }) => name.toLowerCase() === owner);
  return own && isRouteOf(own, hostConfig, path) ? 'function' : 'anonymous';
}

/** Whether a path is one of a function's. */
export function isRouteOf(registered: RegisteredFunction, hostConfig: Json, path: string): boolean {
  const prefix = textOf(hostConfig, 'extensions', 'http', 'routePrefix') ?? 'api';
  return routesOf(registered).some((route) => matches(`${prefix}/${route}`, path));
}

function routesOf({ name, bindings }: RegisteredFunction): readonly string[] {
  return Object.values(bindings)
    .filter((binding) => String(binding['type']).toLowerCase() === 'httptrigger')
    .map((binding) => textOf(binding, 'route') ?? name);
}

/** `items/{id:int}/{*rest}` */
function matches(route: string, path: string): boolean {
  const source = route
    .split('/')
    .filter((part) => part !== '')
    .map((part) => {
      if (part.startsWith('{*')) return '(?:/.*)?';
      if (/^\{[^}]+\?\}$/.test(part)) return '(?:/[^/]+)?';
      if (part.startsWith('{')) return '/[^/]+';
      return `/${part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}`;
    })
    .join('');
  return new RegExp(`^${source}/?$`, 'i').test(path);
}
