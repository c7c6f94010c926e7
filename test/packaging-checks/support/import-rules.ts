/** Who may import whom, and what breaks it. */
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { RepositoryFile } from './repository.ts';
import { type Import, readImports } from './imports.ts';

/**
 * Says what is wrong with the imports of `src` and `providers`, one line each; nothing when all is well.
 *
 * @param packages the packages that users have installed: dependencies and peer dependencies
 */
export function importViolations(
  files: readonly RepositoryFile[],
  packages: ReadonlySet<string>,
): readonly string[] {
  return files.flatMap(({ path, text }) =>
    readImports(text).flatMap((found) => {
      const problem = judge(path, found, packages);
      return problem === undefined ? [] : [`${path} imports ${found.specifier}: ${problem}`];
    }),
  );
}

function judge(path: string, found: Import, packages: ReadonlySet<string>): string | undefined {
  const { specifier } = found;
  const target = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined;
  if (path.startsWith('src/function/'))
    return target?.startsWith('src/function/') ||
      (target === undefined && specifier.startsWith('node:'))
      ? undefined
      : 'what runs inside the platform imports only itself';
  if (path.startsWith('src/http/'))
    return isShipped(target, specifier)
      ? undefined
      : 'what stands before a handler imports itself, src/function and jose, and no more';
  const house = /^(?:src|providers\/[^/]+)\//.exec(path)?.[0];
  if (house === undefined) return undefined;
  if (target !== undefined)
    return target.startsWith(house) ? undefined : `nothing outside ${house} is reached by a path`;
  if (isBuiltin(specifier))
    return specifier.startsWith('node:') ? undefined : 'builtins are named with node:';
  if (specifier === 'polyfaas' || specifier.startsWith('polyfaas/'))
    return house === 'src/' ? judgeOwnName(path, found) : judgeProvider(path, specifier);
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  return packages.has(name) ? undefined : 'users do not have this package installed';
}

/** `src/http` is bundled into packages, as `src/function` is; of the declarations it needs the types alone. */
function isShipped(target: string | undefined, specifier: string): boolean {
  if (target === undefined) return /^jose(?:\/|$)/.test(specifier) || specifier.startsWith('node:');
  return (
    target.startsWith('src/http/') ||
    target.startsWith('src/function/') ||
    target === 'src/spec/types.ts'
  );
}

function judgeOwnName(path: string, { specifier, form }: Import): string | undefined {
  const loadsProvider = form === 'dynamic' && path === 'src/di/load-provider.ts';
  return loadsProvider && /^polyfaas\/(?!function|spi|di|contract|http)/.test(specifier)
    ? undefined
    : 'src knows no provider, and itself by paths; only src/di/load-provider.ts loads one, by import()';
}

function judgeProvider(path: string, specifier: string): string | undefined {
  if (/^polyfaas\/(?:spi|function|http)$/.test(specifier)) return undefined;
  if (specifier === 'polyfaas/di' && path.endsWith('/module.ts')) return undefined;
  return 'a provider imports polyfaas/spi, polyfaas/function and polyfaas/http, and polyfaas/di in its module.ts';
}

/** What is loaded when a file is: paths of own files, and specifiers of all others. */
export function staticClosure(
  entry: string,
  files: readonly RepositoryFile[],
): { readonly own: ReadonlySet<string>; readonly others: ReadonlySet<string> } {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const own = new Set<string>();
  const others = new Set<string>();
  const visit = (path: string): void => {
    if (own.has(path)) return;
    own.add(path);
    const text = texts.get(path);
    if (text === undefined) throw new Error(`${path} is imported and does not exist`);
    for (const { specifier, form } of readImports(text)) {
      if (form !== 'static') continue;
      if (specifier.startsWith('.')) visit(posix.join(posix.dirname(path), specifier));
      else others.add(specifier);
    }
  };
  visit(entry);
  return { own, others };
}
