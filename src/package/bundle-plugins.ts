import { isAbsolute, relative, resolve } from 'node:path';
import type { Plugin } from 'esbuild';
import { isInside, realpathOf, toPosix } from './paths.ts';

/** The name under which the entry imports inline source. */
export const INLINE_MODULE = 'polyfaas-inline:source.ts';

/** Where the user's own native add-ons are in the artifact. */
const ADDON_FOLDER = 'native';

/** Serves `source` of the declaration as a module of the root folder. */
export function inlineModule(root: string, source: string): Plugin {
  return {
    name: 'polyfaas-inline',
    setup(build) {
      build.onResolve({ filter: /^polyfaas-inline:/ }, () => ({
        path: 'source.ts',
        namespace: 'polyfaas-inline',
      }));
      build.onLoad({ filter: /.*/, namespace: 'polyfaas-inline' }, () => ({
        contents: source,
        loader: 'ts',
        resolveDir: root,
      }));
    },
  };
}

/**
 * Keeps native add-ons of the user's own as files beside the bundle, and notes where each one goes: root-relative path
 * to path in the artifact. The bundler knows them by the former, since its names for modules can stand in the bundle.
 */
export function nativeModules(root: string, addons: Map<string, string>): Plugin {
  return {
    name: 'polyfaas-native',
    setup(build) {
      build.onResolve({ filter: /\.node$/ }, ({ path, resolveDir, namespace }) => {
        if (namespace === 'polyfaas-native') return { path, external: true };
        if (!path.startsWith('.') && !isAbsolute(path)) return undefined;
        const absolute = resolve(resolveDir, path);
        const real = realpathOf(absolute);
        // Left to the bundler, which says where the import is.
        if (real === undefined) return undefined;
        if (!isInside(root, absolute) || !isInside(root, real)) {
          return { errors: [{ text: `The native add-on "${path}" leaves the root ${root}` }] };
        }
        const name = toPosix(relative(root, absolute));
        addons.set(name, `${ADDON_FOLDER}/${name}`);
        return { path: name, namespace: 'polyfaas-native' };
      });
      build.onLoad({ filter: /.*/, namespace: 'polyfaas-native' }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(`./${addons.get(path) ?? ''}`)});`,
        loader: 'js',
        resolveDir: root,
      }));
    },
  };
}
