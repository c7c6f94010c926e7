import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { STATE_MARK } from '../spi/state-mark.ts';
import { isInside } from './paths.ts';

/** Tells of absolute paths under a root whether they are a provider's own state. */
export function stateFinder(root: string): (path: string) => boolean {
  const known = new Map<string, readonly string[]>();
  const namesIn = (folder: string): readonly string[] => {
    let names = known.get(folder);
    if (!names) known.set(folder, (names = readMark(folder)));
    return names;
  };
  return (path) => {
    for (let entry = path; entry !== root && isInside(root, entry); entry = dirname(entry)) {
      const name = basename(entry);
      if (namesIn(dirname(entry)).some((start) => start === '*' || name.startsWith(start)))
        return true;
    }
    return false;
  };
}

function readMark(folder: string): readonly string[] {
  try {
    const lines = readFileSync(join(folder, STATE_MARK), 'utf8').split('\n');
    return lines.filter((line) => line !== '');
  } catch {
    // Most folders have none.
    return [];
  }
}
