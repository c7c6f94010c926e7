import { describe, expect, it } from 'vitest';
import { loadSdk } from '../../../providers/gcp/clients/load-sdk.ts';

describe("a package of the vendor's", () => {
  it('that is not installed is named, with the command that installs it', async () => {
    const name = '@google-cloud/no-such-package-anywhere';
    const missing = Object.assign(new Error(`Cannot find package '${name}'`), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
    await expect(loadSdk(name, Promise.reject(missing))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(`npm install ${name}`),
    });
  });

  it('that breaks while it loads says so itself', async () => {
    const broken = new SyntaxError('Unexpected token');
    await expect(loadSdk('x', Promise.reject(broken))).rejects.toBe(broken);
  });
});
