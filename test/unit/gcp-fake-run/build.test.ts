import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GoogleFault } from '../../fakes/gcp/core/fault.ts';
import { createSmallWorld, handler, source, zipped, type SmallWorld } from './small-world.ts';

const ANSWER = handler("response.send('ok');");

describe('the build of a source', () => {
  let small: SmallWorld;
  beforeAll(async () => {
    small = await createSmallWorld();
  });
  afterAll(() => small.stop());

  const built = async (zip: Buffer | Promise<Buffer>): Promise<string> =>
    (await small.runtime.build(await zip, 'main')).folder;
  /** What the build says, of a source that it refuses. */
  const refusal = async (zip: Buffer | Promise<Buffer>): Promise<string> => {
    const fault: unknown = await built(zip).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    if (!(fault instanceof GoogleFault)) throw new Error('It was not refused.');
    return `${fault.status} ${fault.code}: ${fault.message}`;
  };

  it('links the framework that the source names, and shares a folder by content', async () => {
    const folder = await built(source(ANSWER));
    expect(realpathSync(join(folder, 'node_modules/@google-cloud/functions-framework'))).toMatch(
      /node_modules[\\/]@google-cloud[\\/]functions-framework$/,
    );
    expect(await built(source(ANSWER))).toBe(folder);
    expect(await built(source(`${ANSWER}// other`))).not.toBe(folder);
  });

  it('takes a version of the framework that is there, and no other', async () => {
    const withVersion = (version: string): Promise<Buffer> =>
      source(ANSWER, {
        manifest: { dependencies: { '@google-cloud/functions-framework': version } },
      });
    expect(existsSync(await built(withVersion('^5.0.0')))).toBe(true);
    expect(await refusal(withVersion('^4.0.0'))).toMatch(
      /No matching version found for @google-cloud\/functions-framework@\^4\.0\.0/,
    );
  });

  it('fails as Cloud Build does', async () => {
    expect(
      await refusal(
        source(ANSWER, { manifest: { dependencies: { 'no-such-package-of-ours': '1.0.0' } } }),
      ),
    ).toMatch(
      /^400 INVALID_ARGUMENT: Build failed with status: FAILURE and message: npm error code E404\nnpm error 404 {2}'no-such-package-of-ours@/,
    );
    expect(await refusal(source(ANSWER, { manifest: { main: 'missing.mjs' } }))).toMatch(
      /FAILURE and message: missing\.mjs does not exist\. For more details see the logs at https:/,
    );
    expect(await refusal(zipped({ 'package.json': '{', 'index.js': '' }))).toMatch(
      /unmarshalling package\.json/,
    );
    expect(await refusal(zipped({ 'readme.md': 'nothing' }))).toMatch(
      /function\.js does not exist/,
    );
    expect(await refusal(source('const const = 1;'))).toMatch(/SyntaxError/);
    expect(await refusal(Buffer.from('no zip at all'))).toMatch(/extract/);
  });

  it('takes what the source brings along in its own node_modules', async () => {
    const zip = source(`import own from 'own';\n${handler('response.send(String(own));')}`, {
      manifest: {
        dependencies: { '@google-cloud/functions-framework': '5.0.5', own: '1.0.0' },
      },
      files: {
        'node_modules/own/package.json': '{"name":"own","version":"1.0.0","main":"index.js"}',
        'node_modules/own/index.js': 'module.exports = 7;',
      },
    });
    expect(existsSync(join(await built(zip), 'node_modules/own/index.js'))).toBe(true);
  });

  it('wants a lockfile that says what package.json says', async () => {
    const lock = (dependencies: object): string =>
      JSON.stringify({ lockfileVersion: 3, packages: { '': { dependencies } } });
    const good = { '@google-cloud/functions-framework': '5.0.5' };
    expect(
      existsSync(await built(source(ANSWER, { files: { 'package-lock.json': lock(good) } }))),
    ).toBe(true);
    expect(await refusal(source(ANSWER, { files: { 'package-lock.json': lock({}) } }))).toMatch(
      /npm ci/,
    );
  });

  it('does not run the code', async () => {
    expect(existsSync(await built(source("throw new Error('at load');")))).toBe(true);
  });
});
