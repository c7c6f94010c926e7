import { describe, expect, it } from 'vitest';
import { loadSdk } from '../../../providers/vercel/clients/load-sdk.ts';

describe("a package of the vendor's", () => {
  it('that is not installed is named, with the command that installs it', async () => {
    const missing = Object.assign(new Error("Cannot find package '@vercel/client'"), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
    await expect(loadSdk('@vercel/client', Promise.reject(missing))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      provider: 'vercel',
      message: expect.stringContaining('npm install @vercel/client'),
    });
  });

  it('that breaks while it loads says so itself', async () => {
    const broken = new SyntaxError('Unexpected token');
    await expect(loadSdk('x', Promise.reject(broken))).rejects.toBe(broken);
  });
});
