/** Lines that Application Insights, or the host, would cut or drop. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { InvocationContext } from '@azure/functions';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSink } from '../../../providers/azure/shim/log.ts';
import { packagingProfile } from '../../../providers/azure/shim/packaging.ts';
import { cookieOf } from '../../../providers/azure/shim/cookies.ts';

const MAX_CHARACTERS = 32_768;

function sinkTo(lines: [level: string, text: string][]): LineSink {
  const sink = new LineSink('abc1234567');
  const logHandler = (level: string, ...args: unknown[]): void =>
    void lines.push([level, args.join(' ')]);
  sink.begin('r1', new InvocationContext({ functionName: 'f', invocationId: 'r1', logHandler }));
  return sink;
}

describe('a line of the log', () => {
  it('stays JSON within what Application Insights keeps, whatever its size', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('a', '"', '\n', '\u0001', '😀', '\ud83d'),
        fc.nat(70_000),
        fc.option(fc.nat(70_000), { nil: undefined }),
        (unit, length, fieldLength) => {
          const lines: [string, string][] = [];
          const message = unit.repeat(length);
          const fields =
            fieldLength === undefined ? undefined : { text: unit.repeat(fieldLength), n: 1 };
          sinkTo(lines).write('info', message, fields, { requestId: 'r1' });
          const [, text = ''] = lines[0] ?? [];
          expect(text.length).toBeLessThanOrEqual(MAX_CHARACTERS);
          const line: { readonly message: string } = JSON.parse(text);
          expect(line).toMatchObject({ polyfaas: 'log', requestId: 'r1', level: 'info' });
          if (line.message !== message) expect(line.message).toContain('characters)');
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of the level debug passes the host, whose own level is higher', () => {
    const lines: [string, string][] = [];
    sinkTo(lines).write('debug', 'x', undefined, { requestId: 'r1' });
    expect(lines[0]?.[0]).toBe('information');
    expect(lines[0]?.[1]).toContain('"level":"debug"');
  });
});

it('code of the user’s never sees the invoke keys, not even while it is loaded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'polyfaas-main-'));
  try {
    const { files = {} } = packagingProfile({ zipBytes: 1, unpackedBytes: 1 });
    await writeFile(join(folder, 'main.mjs'), String(files['main.mjs']));
    await mkdir(join(folder, 'azure'));
    await writeFile(join(folder, 'azure/functions.cjs'), 'module.exports = {};');
    await writeFile(join(folder, 'polyfaas.json'), '{"version":"v1","env":[]}');
    await writeFile(
      join(folder, 'polyfaas.mjs'),
      `const seen = JSON.stringify(process.env);
       export const register = (library, manifest, beganAt, keys) =>
         console.log(seen.includes('topsecret'), keys);`,
    );
    const env = { ...process.env, POLYFAAS_INVOKE_KEYS: 'k1:topsecret-topsecret' };
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [join(folder, 'main.mjs')], { env });
    expect(stdout.trim()).toBe('false k1:topsecret-topsecret');
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('a cookie whose Max-Age is no number is sent without one', () => {
  expect(cookieOf('a=b; Max-Age=soon')).toEqual({ name: 'a', value: 'b' });
  expect(cookieOf('a=b; Max-Age=0')).toEqual({ name: 'a', value: 'b', maxAge: 0 });
});
