import type * as Esbuild from 'esbuild';
import { describe, expect, it } from 'vitest';
import { installedVersion, loadOptional } from '../../../src/package/optional.ts';

const MISSING = 'polyfaas-is-not-installed';

describe('an optional package', () => {
  it('that is missing is an error with the command to run', () => {
    const expected = expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(`npm install --save-dev ${MISSING}`),
    });
    expect(() => loadOptional(MISSING, 'do things')).toThrow(expected);
    expect(() => installedVersion(MISSING, 'do things')).toThrow(expected);
  });

  it('that is there is loaded, and its version is known without loading it', () => {
    const { version } = loadOptional<typeof Esbuild>('esbuild', 'bundle');
    expect(installedVersion('esbuild', 'bundle')).toBe(version);
  });
});
