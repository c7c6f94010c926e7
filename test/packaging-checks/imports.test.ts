import { describe, expect, test } from 'vitest';
import { importViolations, staticClosure } from './support/import-rules.ts';
import { readImports } from './support/imports.ts';
import { packageDescription, repositoryFiles } from './support/repository.ts';

const { dependencies, peerDependencies } = packageDescription();
const packages = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
const sources = repositoryFiles('src', 'providers').filter(({ path }) => /\.m?[jt]s$/.test(path));

describe('who imports whom', () => {
  test('src, src/function and providers keep to their houses', () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(importViolations(sources, packages)).toEqual([]);
  });

  test.each([
    ['src/function/shim.ts', "import type { Plan } from '../spi/plan.ts';"],
    ['src/function/shim.ts', "import { z } from 'zod';"],
    ['src/http/site.ts', "import type { Plan } from '../spi/plan.ts';"],
    ['src/http/site.ts', "import { z } from 'zod';"],
    ['src/engine/run.ts', "import { local } from '../../providers/local/index.ts';"],
    ['src/engine/run.ts', "export * from 'polyfaas/local';"],
    ['src/engine/run.ts', "const local = await import('polyfaas/local');"],
    ['src/engine/run.ts', "import { test } from 'vitest';"],
    ['src/engine/run.ts', "import { join } from 'path';"],
    ['providers/local/plan/steps.ts', "import { run } from '../../../src/engine/run.ts';"],
    ['providers/local/plan/steps.ts', "import { aws } from '../../aws/index.ts';"],
    ['providers/local/plan/steps.ts', "import {\n  TOKENS,\n} from 'polyfaas/di';"],
    ['providers/local/plan/steps.ts', "import { createServerlessManager } from 'polyfaas';"],
  ])('in %s, %s is refused', (path, text) => {
    expect(importViolations([{ path, text }], packages)).toHaveLength(1);
  });

  test.each([
    ['src/function/shim.ts', "import type { JsonValue } from './json.types.ts';"],
    ['src/http/site.ts', "import type { CorsSpec } from '../spec/types.ts';"],
    ['src/http/site.ts', "const { jwtVerify } = await import('jose');"],
    ['providers/local/gateway/x.ts', "import { RouteTrie } from 'polyfaas/http';"],
    ['src/di/load-provider.ts', "const local = await import('polyfaas/local');"],
    ['src/spec/load.ts', "const { z } = await import('zod');"],
    ['providers/local/module.ts', "import { TOKENS } from 'polyfaas/di';"],
    ['providers/local/plan/steps.ts', "import type { Plan } from 'polyfaas/spi';"],
    ['providers/local/plan/steps.ts', "// import { x } from '../../aws/index.ts';"],
    ['providers/local/plan/steps.ts', "const code = `\nimport x from 'other';\n`;"],
  ])('in %s, %s is allowed', (path, text) => {
    expect(importViolations([{ path, text }], packages)).toEqual([]);
  });
});

describe('what import polyfaas loads', () => {
  const closure = (): ReturnType<typeof staticClosure> => staticClosure('src/index.ts', sources);

  test('no package at all', () => {
    expect([...closure().others].filter((specifier) => !specifier.startsWith('node:'))).toEqual([]);
  });

  test('no builtin that is slow to load', () => {
    const slow = ['node:http', 'node:https', 'node:http2', 'node:sqlite', 'node:worker_threads'];
    expect([...closure().others].filter((specifier) => slow.includes(specifier))).toEqual([]);
  });

  test('no provider, no container, no contract suite', () => {
    const heavy = [...closure().own].filter((path) =>
      /^(?:providers|src\/(?:di|contract))\//.test(path),
    );
    expect(heavy).toEqual([]);
  });
});

test('imports of every form are read', () => {
  const text = `
    import 'a';
    import b, { c } from 'b';
    import type { D } from 'd';
    import { type E,
      f } from "e";
    export * from 'g';
    export type { H } from 'h';
    export const i = () => import('i');
    type J = typeof import('j');
    /* import k from 'k'; */
    const text = 'import l from "l"';
  `;
  expect(readImports(text)).toEqual([
    { specifier: 'a', form: 'static' },
    { specifier: 'b', form: 'static' },
    { specifier: 'd', form: 'type' },
    { specifier: 'e', form: 'static' },
    { specifier: 'g', form: 'static' },
    { specifier: 'h', form: 'type' },
    { specifier: 'i', form: 'dynamic' },
    { specifier: 'j', form: 'type' },
  ]);
});
