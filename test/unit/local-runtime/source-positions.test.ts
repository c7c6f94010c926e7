import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { SourcePositions } from 'polyfaas/spi';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InstanceLog } from '../../../providers/local/ports.ts';
import { InstanceLogs } from '../../../providers/local/runtime/instance-log.ts';
import { Operation } from '../../../providers/local/runtime/protocol.ts';
import { sourcePositions } from '../../../providers/local/runtime/source-positions.ts';
import { SOURCE_MAP_FILE } from '../../../providers/local/source-map-file.ts';

// `a.ts:1:1` at the beginning of the bundle's first line, `b.ts:3:5` from its eleventh column on.
const MAP = { version: 3, sources: ['a.ts', 'b.ts'], names: [], mappings: 'AAAA,UCEI' };

describe('positions in the sources', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'polyfaas-map-'));
    writeFileSync(join(folder, SOURCE_MAP_FILE), JSON.stringify(MAP));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const positions = (): SourcePositions => sourcePositions(folder, 'index.mjs');
  const at = (column: number): string => `file:///${basename(folder)}/index.mjs:1:${column}`;

  it.each<[string, (place: (column: number) => string) => string, string]>([
    ['of a named function', (place) => `    at f (${place(11)})`, '    at f (b.ts:3:5)'],
    ['of one without a name', (place) => `    at async ${place(15)}`, '    at async b.ts:3:5'],
    ['before the first column that is known', (place) => `    at ${place(1)}`, '    at a.ts:1:1'],
    [
      'of several',
      (place) => `    at ${place(1)}\n    at ${place(11)}`,
      '    at a.ts:1:1\n    at b.ts:3:5',
    ],
  ])('take the place %s', (_what, stack, expected) => {
    expect(positions().inSources(stack(at))).toBe(expected);
    const path = (column: number): string => join(folder, `index.mjs:1:${column}`);
    expect(positions().inSources(stack(path))).toBe(expected);
  });

  it('leave what is not of the bundle', () => {
    const stack = `RangeError: no /index.mjs:1:1
    at new Promise (<anonymous>)
    at node:internal/timers:1:11
    at file:///elsewhere/index.mjs:1:11
    at ${join(folder, 'native', 'index.mjs')}:1:11
${at(11)}`;
    expect(positions().inSources(stack)).toBe(stack);
  });

  it.each([
    ['is gone', (file: string) => rmSync(file)],
    ['is no JSON', (file: string) => writeFileSync(file, '{')],
    ['is no map', (file: string) => writeFileSync(file, '{"version":3}')],
  ])('leave the stack when the map %s', (_how, damage) => {
    damage(join(folder, SOURCE_MAP_FILE));
    expect(positions().inSources(`    at ${at(11)}`)).toBe(`    at ${at(11)}`);
  });

  it('take a long message in their stride', () => {
    const long = `Error: ${'x'.repeat(2_000_000)}${'/'.repeat(2_000_000)}`;
    expect(positions().inSources(`${long}\n    at f (${at(11)})`)).toBe(
      `${long}\n    at f (b.ts:3:5)`,
    );
  });

  it('are given to an error and its causes, also when it is its own', () => {
    const cause = new Error('inner');
    const error = new Error('outer', { cause });
    cause.cause = error;
    error.stack = `Error: outer\n    at ${at(1)}`;
    cause.stack = `Error: inner\n    at ${at(11)}`;
    positions().locate(error);
    expect([error.stack, cause.stack]).toEqual([
      'Error: outer\n    at a.ts:1:1',
      'Error: inner\n    at b.ts:3:5',
    ]);
    positions().locate('no error');
  });

  it('leave an error alone whose stack cannot be changed', () => {
    const frozen = Object.freeze(Object.assign(new Error('cold'), { stack: `    at ${at(1)}` }));
    positions().locate(frozen);
    expect(frozen.stack).toBe(`    at ${at(1)}`);
    const hidden = new Error('hidden');
    Object.defineProperty(hidden, 'stack', { value: `    at ${at(1)}`, configurable: true });
    positions().locate(hidden);
    expect(hidden.stack).toBe('    at a.ts:1:1');
  });

  it('make no copy of logged fields that no stack is in', () => {
    const entries: Omit<InstanceLog, 'instanceId'>[] = [];
    const logs = new InstanceLogs(
      { log: (entry) => void entries.push(entry), warn: () => {} },
      positions(),
    );
    logs.named('i-1');
    const plain = { id: 7, list: [{ stack: 'none' }, 1], within: { deep: { text: 't' } } };
    const failed = {
      plain,
      errors: [{ message: 'm', stack: `    at ${at(11)}` }],
      ['__proto__']: 1,
    };
    for (const fields of [plain, failed]) {
      logs.message([Operation.log, 0, 'info', 'm', fields, undefined]);
    }
    expect(entries[0]?.fields).toBe(plain);
    expect(entries[1]?.fields).toEqual({
      ...failed,
      errors: [{ message: 'm', stack: '    at b.ts:3:5' }],
    });
    expect(entries[1]?.fields?.['plain']).toBe(plain);
    expect(Object.keys(entries[1]?.fields ?? {})).toEqual(Object.keys(failed));
  });
});
