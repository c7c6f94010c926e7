/** Field masks: which fields of a resource an update is about. */
import { isMap, mapOf, type JsonMap } from './json.ts';
import { camelOf } from './proto-schema.ts';

/** The paths of a mask in camelCase: `service_config.min_instance_count,labels` or camelCase itself. Empty for none. */
export function pathsOf(mask: string | null | undefined): readonly string[] {
  return (mask ?? '')
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '')
    .map((path) => path.split('.').map(camelOf).join('.'));
}

/**
 * What becomes of a resource: of each path (camelCase or snake_case) the value of `wish`, whole, or nothing where it has
 * none. `*` is every field of both.
 */
export function applyMask(current: JsonMap, wish: JsonMap, paths: readonly string[]): JsonMap {
  if (paths.includes('*')) return { ...wish };
  return paths.reduce((result, path) => put(result, wish, path.split('.').map(camelOf)), current);
}

function put(current: JsonMap, wish: JsonMap, [name, ...rest]: readonly string[]): JsonMap {
  if (name === undefined) return current;
  const { [name]: before, ...others } = current;
  const wished = Object.hasOwn(wish, name) ? wish[name] : undefined;
  if (rest.length === 0) return wished === undefined ? others : { ...current, [name]: wished };
  if (before === undefined && !isMap(wished)) return current;
  return { ...current, [name]: put(mapOf(before), mapOf(wished), rest) };
}
