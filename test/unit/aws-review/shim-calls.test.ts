/** Direct calls: what failed, and whom the call reached. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { packagingProfile } from '../../../providers/aws/shim/packaging.ts';
import { createPackager } from '../../../src/package/index.ts';
import { functionError } from '../../../providers/aws/invoke/function-error.ts';
import { fixtureSource } from '../../../src/contract/fixture.ts';
import { NAME, Platform } from '../aws-shim/platform.ts';

it('a promise that was rejected behind the handler’s back is no failure to start', () => {
  const payload = {
    errorType: 'Runtime.UnhandledPromiseRejection',
    errorMessage: 'Error: nobody waited',
    trace: [],
  };
  const about = { name: 'orders', memoryMb: 256, timeoutSeconds: 5 };
  const error = functionError(payload, about, true);
  expect(error).toMatchObject({ code: 'FUNCTION_FAILED', details: { phase: 'call' } });
  expect(error.message).toContain('nobody waited');
});

it.each(['Runtime.NodeJsExit', 'Runtime.NodejsExit'])(
  'a handler that nothing can settle any more has run: %s',
  (errorType) => {
    const about = { name: 'orders', memoryMb: 256, timeoutSeconds: 5 };
    const error = functionError({ errorType, errorMessage: 'x', trace: [] }, about, true);
    expect(error).toMatchObject({ code: 'FUNCTION_FAILED', details: { phase: 'call' } });
    expect(error.message).toContain('never settles');
  },
);

it('the handler of a package has the form by which the runtime for Node 22 knows what never settles', async () => {
  const root = await mkdtemp(join(tmpdir(), 'polyfaas-form-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const profile = packagingProfile({ zipBytes: 1e9, unpackedBytes: 1e9 });
  const spec = { source: 'export default { invoke: () => 1 };' };
  const artifact = await createPackager({ root }).package({ name: 'orders', spec, profile });
  const folder = join(root, 'unpacked');
  await mkdir(folder);
  for (const { path, bytes } of await artifact.files()) await writeFile(join(folder, path), bytes);
  const entry: { readonly handler: object } = await import(
    pathToFileURL(join(folder, profile.entryFile)).href
  );
  expect(entry.handler.constructor.name).toBe('AsyncFunction');
});

it('a call that another process’s deploy answered makes the next one look again', async () => {
  await using platform = await Platform.start(fixtureSource());
  await platform.invoke({ op: 'variant' });
  await platform.invoke({ op: 'variant' });
  expect(platform.observations).toBe(1);
  const lambda = await platform.aws.lambda();
  await lambda.updateFunctionConfiguration({ FunctionName: NAME, MemorySize: 512 });
  await platform.clock.advance(20_000);
  await lambda.publishVersion({ FunctionName: NAME });
  await platform.clock.advance(20_000);
  await lambda.updateAlias({ FunctionName: NAME, Name: 'live', FunctionVersion: '2' });
  expect((await platform.invoke({ op: 'variant' })).version).toBe('2');
  await platform.invoke({ op: 'variant' });
  expect(platform.observations).toBe(2);
  // A version that was asked for by its number tells nothing of what is live.
  await platform.invoke({ op: 'variant' }, { version: '1' });
});
