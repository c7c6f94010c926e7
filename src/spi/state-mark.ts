/**
 * A file of this name marks a folder in which a provider keeps state of its own on this machine, secrets among it. Its
 * lines are what the names of such entries begin with, or `*` for all of them: no package takes them in, whatever `package.include` says.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { join } from 'node:path';
 * import { STATE_MARK } from 'polyfaas/spi';
 *
 * export function markState(folder: string): void {
 *   writeFileSync(join(folder, STATE_MARK), '*\n', { mode: 0o600 });
 * }
 * ```
 */
export const STATE_MARK = '.polyfaas-state';
