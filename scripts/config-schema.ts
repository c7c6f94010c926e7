/**
 * Writes `etc/config.schema.json`, by which editors complete and check a configuration in JSON or YAML: what the run-time
 * schema says, with the words of the types. With `--check` it writes nothing, and fails where the file says
 * something else.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configJsonSchema } from './declarations/config-schema.ts';
import { lineDiff } from './declarations/line-diff.ts';

const root = join(import.meta.dirname, '..');
const file = 'etc/config.schema.json';
const path = join(root, file);
const types = ['types', 'types-events'].map((name) =>
  readFileSync(join(root, 'src/spec', `${name}.ts`), 'utf8'),
);
const wanted = `${JSON.stringify(configJsonSchema(types), null, 2)}\n`;

if (process.argv.includes('--check')) {
  const committed = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (committed !== wanted) {
    process.stderr.write(
      `${file} differs from the schema. If that is meant: npm run api, and commit it.\n\n${lineDiff(committed, wanted)}\n`,
    );
    process.exitCode = 1;
  }
} else {
  writeFileSync(path, wanted);
  process.stdout.write(`wrote ${file}\n`);
}
