import { mapTsk, type MappedTsk } from '../../../src/config/tsk/map.ts';
import { parseTsk } from '../../../src/config/tsk/parse.ts';

/** Maps a text that stands alone: no other file is there. */
export function mapText(text: string, env: Readonly<Record<string, string>> = {}): MappedTsk {
  const readFile = (): string => '';
  const tree = parseTsk({ file: 'a.tsk', text, env, readFile });
  return mapTsk(tree, { fileExists: () => false });
}
