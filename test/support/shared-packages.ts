/**
 * Many tests deploy the same functions from folders of their own: what one of them has packaged, the others of a run find.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = 'POLYFAAS_TEST_PACKAGES';

/** Vitest calls it before the first test of a run, in a process that others inherit from, and its answer after the last. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'polyfaas-packages-'));
  process.env[NAME] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

/** Under this root packages are those of the whole run. Outside a run it has its own. */
export function sharePackages(root: string): void {
  const folder = process.env[NAME];
  if (folder === undefined) return;
  mkdirSync(join(root, '.polyfaas'));
  symlinkSync(folder, join(root, '.polyfaas', 'cache'), 'junction');
}
