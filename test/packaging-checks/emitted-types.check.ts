import { beforeAll, describe, expect, test } from 'vitest';
import { DeclarationReader, readEntries } from '../../scripts/declarations/surface.ts';
import { builtPackage } from './support/built-package.ts';
import { packageDescription } from './support/repository.ts';

/** Types from outside the package that an entry point may show, as `module: Name, Name`. */
const allowed: Readonly<Record<string, readonly RegExp[]>> = {
  polyfaas: [],
  'polyfaas/function': [],
  'polyfaas/spi': [],
  'polyfaas/contract': [],
  // An adapter hands the container a module; that is the one type of Inversify it shows.
  'polyfaas/local': [/^node:/, /^inversify: ContainerModule$/],
  // The escape hatch: the vendor's own clients.
  'polyfaas/aws': [/^node:/, /^inversify: ContainerModule$/, /^@aws-sdk\/client-/],
  'polyfaas/azure': [/^node:/, /^inversify: ContainerModule$/, /^@azure\//],
  'polyfaas/gcp': [
    /^node:/,
    /^inversify: ContainerModule$/,
    /^@google-cloud\/functions/,
    /^google-auth-library/,
  ],
  'polyfaas/vercel': [/^node:/, /^inversify: ContainerModule$/],
  // For authors of adapters: keys are the library's own, found by its own types.
  'polyfaas/http': [/^jose: /, /^node:http: /],
  'polyfaas/di': [/^inversify:/],
};

describe('the types that users see', () => {
  let entries: ReadonlyMap<string, string>;
  let reader: DeclarationReader;
  beforeAll(async () => {
    const { folder } = await builtPackage();
    entries = readEntries(folder);
    reader = new DeclarationReader(folder, entries);
  });

  test('every entry point has a rule here', () => {
    const clouds = [...entries.keys()].filter((specifier) => !(specifier in allowed));
    expect(clouds).toEqual([]);
    const modules = Object.keys(packageDescription().exports).filter(
      (one) => !one.endsWith('.json'),
    );
    expect(modules).toHaveLength(entries.size);
  });

  test.each(Object.keys(allowed))('%s shows no type of a vendor or a tool', (specifier) => {
    const foreign = [...reader.surface(specifier).external]
      .map(([module, names]) => `${module}: ${[...names].sort().join(', ')}`)
      .filter((shown) => !(allowed[specifier] ?? []).some((rule) => rule.test(shown)));
    expect(foreign).toEqual([]);
  });
});
