import {
  deserializeBuildOutput,
  deserializeLambda,
  sanitizeConsumerName,
} from '@vercel/build-utils';
import { access, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { consumerName } from '../../../providers/vercel/build-output/consumer.ts';
import { keptFiles, outputFiles } from '../../../providers/vercel/build-output/files.ts';
import { inFolder } from '../../../providers/vercel/build-output/folder.ts';
import { ASYNC, CODE, file, outputInput, policy, queue, topic } from './inputs.ts';

const WISH = outputInput({
  policies: [policy('queue-1', queue('orders')), policy('topic_2', topic('users'))],
  async: ASYNC,
  crons: [{ path: '/polyfaas/crons/tick', schedule: '0 5 * * *' }],
});

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

describe('the folder of the output', () => {
  it('is what the vendor reads', async () => {
    const { output, meta } = await inFolder(outputFiles(CODE, WISH), async (folder) => {
      const read = await deserializeBuildOutput({
        outputDir: join(folder, '.vercel/output'),
        repoRootPath: folder,
        deserializeLambda,
        groupLambdas: (lambdas) => Promise.resolve(lambdas),
      });
      return { output: JSON.parse(JSON.stringify(read)), meta: await readdir(folder) };
    });
    expect(meta).toEqual(['.vercel']);
    const text = JSON.stringify(output);
    for (const said of ['polyfaas/main', 'polyfaas/async', 'polyfaas/events/queue-1']) {
      expect(text).toContain(said);
    }
    expect(text).toContain('polyfaas_Sevents_Stopic__2');
    expect(text).toContain('/polyfaas/crons/tick');
  });

  it('is gone afterwards, also when the work failed', async () => {
    let seen = '';
    await inFolder(outputFiles(CODE, WISH), async (folder) => {
      seen = folder;
      const tool = join(folder, '.vercel/output/functions/polyfaas/main.func/bin/tool');
      expect((await stat(tool)).mode & 0o777).toBe(0o755);
      expect(await readFile(tool, 'utf8')).toBe('#!/bin/sh\n');
    });
    expect(await isThere(seen)).toBe(false);
    const failing = inFolder(outputFiles(CODE, WISH), (folder) => {
      seen = folder;
      return Promise.reject(new Error('broken'));
    });
    await expect(failing).rejects.toThrow('broken');
    expect(await isThere(seen)).toBe(false);
  });

  it('is gone when it could not be written', async () => {
    const clash = [...CODE, file('bin/tool/inner', '')];
    await expect(
      inFolder(outputFiles(clash, WISH), () => Promise.resolve('never')),
    ).rejects.toThrow(/EEXIST|ENOTDIR|EISDIR/);
  });

  it.each(['api/worker.mjs', 'polyfaas/events/queue-1', 'a_b', 'ä ö', 'x/y z', ''])(
    'names the consumer group of %j as the vendor does',
    (path) => {
      expect(consumerName(path)).toBe(sanitizeConsumerName(path));
    },
  );
});

describe('the list of files of a version', () => {
  it('tells digests as the vendor makes them', () => {
    expect(keptFiles([file('index.mjs', 'abc')])).toEqual([
      {
        path: 'index.mjs',
        sha: 'a9993e364706816aba3e25717850c26c9cd0d89d',
        size: 3,
        mode: 0o100644,
      },
    ]);
  });
});
