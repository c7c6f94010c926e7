/** Where in the user's own files the frames of an instance's stacks are. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SourcePositions } from 'polyfaas/spi';
import { SOURCE_MAP_FILE } from '../source-map-file.ts';

/** The positions for the code in a folder, which may be known by another name, through a link. */
export function sourcePositions(codeFolder: string, entryFile: string): SourcePositions {
  return new SourcePositions({
    path: [basename(codeFolder), entryFile],
    readMap: () => readFileSync(join(codeFolder, SOURCE_MAP_FILE), 'utf8'),
  });
}
