import { describe, expect, it } from 'vitest';
import { applyEnvironment } from '../../../src/config/overlay.ts';
import { resolveSetup } from '../../../src/manager/setup.ts';
import { mergeOver } from '../../../src/spec/merge.ts';
import type { PolyfaasConfig } from '../../../src/spec/types.ts';
import { problems } from './problems.ts';

describe('what is merged', () => {
  it('keeps env and tags of the defaults that are named like fields of code', async () => {
    const config: PolyfaasConfig = {
      defaults: {
        env: { source: 'web', entry: 'main', KEEP: '1' },
        tags: { artifact: 'zip', team: 'shop' },
        providerOptions: { local: { isolation: 'process' } },
      },
      functions: {
        a: { entry: 'a.mjs', env: { image: 'v2' }, tags: { image: 'prod', source: 'git' } },
      },
    };
    const { settings } = await resolveSetup(config);
    const { spec, declared } = settings.normalize('a', config.functions?.['a'] ?? { entry: '' });
    expect(spec.env).toEqual({ source: 'web', entry: 'main', image: 'v2', KEEP: '1' });
    expect(spec.tags).toEqual({ artifact: 'zip', image: 'prod', source: 'git', team: 'shop' });
    expect(declared.entry).toBe('a.mjs');
  });

  it('keeps them through an environment, whose code stands instead of the old one', () => {
    const config: PolyfaasConfig = {
      functions: {
        orders: {
          entry: './a.ts',
          env: { source: 'web', entry: 'main', LOG: 'info' },
          tags: { source: 'git', team: 'shop' },
        },
      },
      environments: {
        production: {
          functions: {
            orders: { artifact: './a.zip', env: { image: 'v2' }, tags: { image: 'prod' } },
          },
        },
      },
    };
    expect(problems(config)).toEqual({});
    expect(applyEnvironment(config, 'production').functions).toEqual({
      orders: {
        artifact: './a.zip',
        env: { source: 'web', entry: 'main', LOG: 'info', image: 'v2' },
        tags: { source: 'git', team: 'shop', image: 'prod' },
      },
    });
  });

  it('keeps the code of a function that an environment says nothing about', () => {
    const base = { functions: { a: { entry: 'a.ts' }, image: { source: 'x' } } };
    const over = { functions: { image: { image: 'img:1', memoryMb: 128 } } };
    expect(mergeOver(base, over)).toEqual({
      functions: { a: { entry: 'a.ts' }, image: { image: 'img:1', memoryMb: 128 } },
    });
    expect(base.functions.image).toEqual({ source: 'x' });
  });

  it('keeps options of providers that are named like fields of code', () => {
    const base = { providerOptions: { acme: { image: 'x', entry: 'y' } }, defaults: {} };
    const over = { providerOptions: { acme: { source: 'z' } } };
    expect(mergeOver(base, over)).toEqual({
      providerOptions: { acme: { image: 'x', entry: 'y', source: 'z' } },
      defaults: {},
    });
  });
});
