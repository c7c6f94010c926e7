import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes the names in a folder survive the loss of power. A file that was renamed has its new name only then. */
export function syncFolder(path: string): void {
  // Windows opens no folders, and writes their entries down by itself.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
