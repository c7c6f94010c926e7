/** Where in the user's own files the frames of an instance's stacks are. */
import { readFileSync } from 'node:fs';
import { basename, join, posix, sep } from 'node:path';
import { SourcePositions } from 'polyfaas/spi';
import { SOURCE_MAP_FILE } from '../source-map-file.ts';

/** The positions for the code in a folder, which may be known by another name, through a link. */
export function sourcePositions(codeFolder: string, entryFile: string): SourcePositions {
  const path = ['', basename(codeFolder), entryFile];
  return new SourcePositions({
    ends: [...new Set([posix.sep, sep])].map((one) => `${path.join(one)}:`),
    readMap: () => readFileSync(join(codeFolder, SOURCE_MAP_FILE), 'utf8'),
  });
}
