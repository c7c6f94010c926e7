import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

const CASES: readonly (readonly [name: string, text: string, message: string])[] = [
  [
    'polyfaas.config.mjs',
    '\n\nthrow new RangeError("too far");',
    ':3:7: it cannot be loaded (RangeError: too far).',
  ],
  [
    'polyfaas.config.ts',
    'const stage = (): string => {\n  throw new Error("no stage");\n};\nexport default () => ({ stage: stage() });',
    ':2:9: its default export threw (Error: no stage).',
  ],
  [
    'polyfaas.config.mjs',
    'import "./other.mjs";\nexport default {};',
    ': it cannot be loaded (Error: of another file). Run it with node to see where.',
  ],
  [
    'polyfaas.config.mjs',
    'export default {',
    ': it cannot be loaded (SyntaxError: Unexpected end of input). Run it with node to see where.',
  ],
  [
    'polyfaas.config.mjs',
    'export default () => { throw undefined };',
    ': its default export threw (no error was given). Run it with node to see where.',
  ],
];

/** What is said of the configurations of these folders, in a process without the runner, which loads modules in its own way. */
function refusals(folders: readonly string[]): unknown {
  const source = new URL('../../../src/config/index.ts', import.meta.url).href;
  const script = `const { loadConfig } = await import(${JSON.stringify(source)});
    const messages = ${JSON.stringify(folders)}.map((cwd) =>
      loadConfig({ cwd }).then(() => 'no error', (error) => error.message));
    process.stdout.write(JSON.stringify(await Promise.all(messages)));`;
  const words = ['--input-type=module', '--eval', script];
  return JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' }));
}

it('names the line of what is wrong in a configuration that is code', () => {
  const other = { 'other.mjs': 'throw new Error("of another file")' };
  const made = CASES.map(([name, text, message]) => {
    const cwd = temporaryFolder({ [name]: text, ...other });
    return { cwd, said: join(cwd, name) + message };
  });
  expect(refusals(made.map(({ cwd }) => cwd))).toEqual(made.map(({ said }) => said));
});
