/** Compares with a JSON file under `golden/`; `vitest -u` writes it anew. */
import { expect } from 'vitest';

const WIDTH = 100;

export async function assertGolden(name: string, value: unknown): Promise<void> {
  await expect(`${layOut(value, 0, 0)}\n`).toMatchFileSnapshot(`./golden/${name}.json`);
}

/** JSON as the formatter of this repository lays it out: short lists of plain values stay in one line. */
function layOut(value: unknown, depth: number, before: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = '  '.repeat(depth + 1);
  const outer = '  '.repeat(depth);
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    if (items.length === 0) return '[]';
    if (items.every((item) => typeof item !== 'object' || item === null)) {
      const line = `[${items.map((item) => JSON.stringify(item)).join(', ')}]`;
      // A comma may follow.
      if (outer.length + before + line.length < WIDTH) return line;
    }
    return `[\n${items.map((item) => inner + layOut(item, depth + 1, 0)).join(',\n')}\n${outer}]`;
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (entries.length === 0) return '{}';
  const lines = entries.map(([key, item]) => {
    const label = `${JSON.stringify(key)}: `;
    return inner + label + layOut(item, depth + 1, label.length);
  });
  return `{\n${lines.join(',\n')}\n${outer}}`;
}
