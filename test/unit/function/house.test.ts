import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../../src/function/', import.meta.url));

describe('the function house', () => {
  it('imports nothing but itself, so that it runs on every runtime', async () => {
    const files = (await readdir(folder, { recursive: true })).filter((name) =>
      name.endsWith('.ts'),
    );
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) {
      const text = await readFile(`${folder}${file}`, 'utf8');
      const depth = file.split('/').length - 1;
      for (const [, specifier = ''] of text.matchAll(/^(?:import|export|\}) .*from '([^']+)';/gm)) {
        expect(specifier.startsWith('.') || `${file}: ${specifier}`).toBe(true);
        const up = specifier.split('/').filter((part) => part === '..').length;
        expect(up <= depth || `${file}: ${specifier}`).toBe(true);
      }
      expect(
        /\b(Buffer|process|require|setImmediate)\b[.(]/.test(
          text.replace(/^\s*(\/?\*|\/\/).*$/gm, ''),
        ) && file,
      ).toBe(false);
    }
  });
});
