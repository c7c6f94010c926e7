import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerlessError } from 'polyfaas';
import { expect, it, onTestFinished } from 'vitest';
import { findIncluded, readIncluded } from '../../../src/package/include.ts';

it('an included file that goes before it is read is named, with what to do', () => {
  const root = mkdtempSync(join(tmpdir(), 'polyfaas-include-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'prices.json'), '{}');
  const found = findIncluded(root, 'orders', ['*.json']);
  rmSync(join(root, 'prices.json'));
  const reading = (): unknown => readIncluded(root, 'orders', found);
  expect(reading).toThrow(ServerlessError);
  expect(reading).toThrow(
    /^Function "orders": `package\.include`: "prices\.json" was found, and cannot be read: ENOENT/,
  );
});
