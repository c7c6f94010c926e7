/** Lets a child process load the sources themselves: `node --import <this file> child.ts`. */
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    const match = /^polyfaas\/(function|spi)$/.exec(specifier);
    if (match === null) return next(specifier, context);
    return next(new URL(`../../../src/${match[1]}/index.ts`, import.meta.url).href, context);
  },
});
