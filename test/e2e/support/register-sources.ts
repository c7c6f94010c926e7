/** Lets a child process load the sources themselves: `node --import <this file> child.ts`. */
import { registerHooks } from 'node:module';

const sources: Readonly<Record<string, string>> = {
  polyfaas: 'src/index.ts',
  'polyfaas/function': 'src/function/index.ts',
  'polyfaas/spi': 'src/spi/index.ts',
  'polyfaas/di': 'src/di/index.ts',
  'polyfaas/contract': 'src/contract/index.ts',
  'polyfaas/http': 'src/http/index.ts',
  'polyfaas/local': 'providers/local/index.ts',
};

registerHooks({
  resolve(specifier, context, next) {
    const source = sources[specifier];
    if (source === undefined) return next(specifier, context);
    return next(new URL(`../../../${source}`, import.meta.url).href, context);
  },
});
