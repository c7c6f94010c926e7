import { readFileSync } from 'node:fs';

/** The text of a file, for what is said of it beside others; nothing when it went meanwhile, which those tell. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
