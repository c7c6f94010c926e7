/** `routes` of `config.json`: https://vercel.com/docs/build-output-api/configuration#routes */
import { isMap, textOf, type JsonMap } from '../../core/json.ts';
import { BuildFailure } from './failure.ts';
import { MOST_ROUTES } from './limits.ts';

const PHASES = new Set(['filesystem', 'miss', 'hit', 'error', 'rewrite', 'resource']);
const KEYS = new Set([
  'src',
  'dest',
  'headers',
  'methods',
  'caseSensitive',
  'important',
  'continue',
  'override',
  'check',
  'status',
  'has',
  'missing',
  'locale',
  'transforms',
  'mitigate',
  'middlewarePath',
  'middlewareRawSrc',
]);

export function checkedRoutes(given: unknown): readonly JsonMap[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw new BuildFailure('`routes` must be an array.');
  if (given.length > MOST_ROUTES) {
    throw new BuildFailure(
      `Maximum number of routes (${MOST_ROUTES}) exceeded: ${given.length}.`,
      'too_many_routes',
    );
  }
  return given.map(checkedRoute);
}

function checkedRoute(route: unknown, index: number): JsonMap {
  const fail = (what: string): BuildFailure =>
    new BuildFailure(`Route at index ${index} ${what}`, 'invalid_route');
  if (!isMap(route)) throw fail('is not an object.');
  if ('handle' in route) {
    if (!PHASES.has(textOf(route['handle']))) throw fail('has an unknown `handle` value.');
    if (Object.keys(route).length > 1) throw fail('has unknown properties beside `handle`.');
    return route;
  }
  const unknown = Object.keys(route).find((key) => !KEYS.has(key));
  if (unknown !== undefined) throw fail(`has unknown property \`${unknown}\`.`);
  const { src, dest, status } = route;
  if (typeof src !== 'string' || src === '') throw fail('has no `src`.');
  if (!expressionOf(src)) throw fail('has an invalid `src` regular expression.');
  if (dest !== undefined && typeof dest !== 'string') throw fail('has a `dest` that is no string.');
  const isStatus = status === undefined || (Number.isInteger(status) && Number(status) >= 100);
  if (!isStatus) throw fail('has an invalid `status`.');
  return route;
}

/** `src` is the whole path, whether it is written with anchors or not. */
function expressionOf(src: string): RegExp | undefined {
  const start = src.startsWith('^') ? '' : '^';
  const end = src.endsWith('$') ? '' : '$';
  try {
    return new RegExp(`${start}${src}${end}`);
  } catch {
    return undefined;
  }
}

/** Whether something answers at a path: an output of that name, or a route that leads on. */
export function isReachable(
  path: string,
  routes: readonly JsonMap[],
  outputs: ReadonlySet<string>,
): boolean {
  if (outputs.has(path.slice(1))) return true;
  const found = routes.find((route) => {
    const isFinal = route['dest'] !== undefined || route['status'] !== undefined;
    return isFinal && expressionOf(textOf(route['src']))?.test(path) === true && 'src' in route;
  });
  return found !== undefined && found['dest'] !== undefined;
}
