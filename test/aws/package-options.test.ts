/** Options that an image, or a zip, has no use for. */
import { expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { createStage } from './support/stage.ts';

const LAYER = 'arn:aws:lambda:eu-central-1:123456789012:layer:tools:1';
const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d';
const uri = (tag: string): string =>
  `123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop@sha256:${tag.repeat(64)}`;
const image = (tag: string): FunctionSpec => ({ image: uri(tag) });
const ZIP: FunctionSpec = { source: `export const handler = async () => 'fine';` };

it('an image is deployed and updated though the defaults for all functions ask for layers and a key', async () => {
  await using stage = await createStage();
  for (const tag of ['a', 'b']) {
    const files = { 'index.mjs': `export const handler = async () => '${tag}';` };
    stage.fake.world.lambdaService.images.set(uri(tag), { files, handler: 'index.handler' });
  }
  const manager = await stage.manager({
    functions: { main: image('a') },
    providerOptions: { aws: { layers: [LAYER], sourceKmsKeyArn: KEY } },
  });
  const { warnings } = await manager.deploy('main');
  expect(warnings.map(({ type, field }) => [type, field])).toStrictEqual([
    ['ignored', 'functions.main.providerOptions.aws.layers'],
    ['ignored', 'functions.main.providerOptions.aws.sourceKmsKeyArn'],
  ]);
  expect(await manager.deploy('main')).toMatchObject({ changed: false });
  expect(await manager.deploy('main', { spec: { ...image('a'), memoryMb: 512 } })).toMatchObject({
    changed: true,
    version: '2',
  });
  expect(await manager.deploy('main', { spec: image('b') })).toMatchObject({ version: '3' });
});

it('what a function itself declares in vain is refused', async () => {
  await using stage = await createStage();
  const manager = await stage.manager({ functions: { main: image('a'), zip: ZIP } });
  const layered = { ...image('a'), providerOptions: { aws: { layers: [LAYER] } } };
  await expect(manager.deploy('main', { spec: layered })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(/aws\.layers: images have no layers. Put them into the image/),
  });
  const commanded = { ...ZIP, providerOptions: { aws: { image: { command: ['run'] } } } };
  await expect(manager.deploy('zip', { spec: commanded })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining('providerOptions.aws.image'),
  });
  expect(stage.fake.faults.writes).toBe(0);
});

it('a zip goes without what the defaults say of images', async () => {
  await using stage = await createStage();
  const manager = await stage.manager({
    functions: { zip: ZIP },
    providerOptions: { aws: { image: { command: ['run'] } } },
  });
  const { warnings } = await manager.deploy('zip');
  expect(warnings).toMatchObject([{ type: 'ignored' }]);
  expect(await manager.deploy('zip')).toMatchObject({ changed: false });
});
