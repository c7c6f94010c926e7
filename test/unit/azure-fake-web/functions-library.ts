/** The real `@azure/functions`, as files of a package. */
import { build } from 'esbuild';

export async function functionsLibrary(): Promise<Readonly<Record<string, string>>> {
  const { outputFiles } = await build({
    stdin: { contents: "module.exports = require('@azure/functions');", resolveDir: process.cwd() },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['@azure/functions-core'],
    write: false,
    logLevel: 'silent',
  });
  return {
    'node_modules/@azure/functions/package.json': '{"name":"@azure/functions","main":"index.js"}',
    'node_modules/@azure/functions/index.js': outputFiles[0]?.text ?? '',
  };
}
