import { describe, expect, it } from 'vitest';
import { resolveSetup } from '../../../src/manager/setup.ts';
import type { FunctionSpec, PolyfaasConfig, ProviderOptions } from '../../../src/spec/types.ts';
import { validateFunction } from '../../../src/spec/validate.ts';
import { fn, problems } from './problems.ts';

/** The adapter adds its options to the type; here there is none. */
function options(byProvider: object): ProviderOptions {
  return byProvider;
}

describe('ids of providers that are keys', () => {
  it('are refused where no provider has them, at every place', () => {
    const found = problems({
      region: { awz: 'eu', gcp: 'europe-west3' },
      providerOptions: { locl: { port: 3000 }, local: {} },
      defaults: { providerOptions: { asure: {} } },
      functions: { a: { ...fn, providerOptions: { vercell: {} } } },
      environments: {
        production: {
          region: { gpc: 'x' },
          providerOptions: { amazon: {} },
          functions: { a: { providerOptions: { lokal: {} } } },
          defaults: { providerOptions: { AWS: {} } },
        },
      },
    });
    expect(found).toEqual({
      'region.awz':
        '"awz" is no known provider. Did you mean "aws"? Choose one of local, aws, azure, gcp, vercel, or list its package under "adapters".',
      'providerOptions.locl': expect.stringContaining('Did you mean "local"?'),
      'defaults.providerOptions.asure': expect.stringContaining('Did you mean "azure"?'),
      'functions.a.providerOptions.vercell': expect.stringContaining('Did you mean "vercel"?'),
      'environments.production.region.gpc': expect.stringContaining('Did you mean "gcp"?'),
      'environments.production.providerOptions.amazon': expect.stringContaining(
        '"amazon" is no known provider. Choose one of',
      ),
      'environments.production.functions.a.providerOptions.lokal':
        expect.stringContaining('Did you mean "local"?'),
      'environments.production.defaults.providerOptions.AWS':
        expect.stringContaining('Did you mean "aws"?'),
    });
  });

  it('are taken where an adapter has them', async () => {
    const a: FunctionSpec = { ...fn, providerOptions: options({ acme: { c: 1 } }) };
    const config: PolyfaasConfig = {
      adapters: { acme: 'polyfaas-acme' },
      region: { acme: 'moon' },
      providerOptions: options({ acme: { a: 1 } }),
      defaults: { providerOptions: options({ acme: { b: 1 } }) },
      functions: { a },
    };
    expect(problems(config)).toEqual({});
    const { settings } = await resolveSetup(config);
    const later = { ...fn, providerOptions: options({ acme: { d: 1 }, acne: {} }) };
    expect(() => settings.normalize('late', later)).toThrow(
      /functions\.late\.providerOptions\.acne: "acne" is no known provider\. Did you mean "acme"\?/,
    );
    const { declared } = settings.normalize('late', a);
    expect(declared.providerOptions).toEqual({ acme: { b: 1, c: 1 } });
  });

  it('are checked for one function alone, with the adapters given', () => {
    const spec = { ...fn, providerOptions: { acme: {} } };
    expect(() => validateFunction('a', spec)).toThrow('functions.a.providerOptions.acme: "acme"');
    expect(validateFunction('a', spec, { adapters: { acme: 'polyfaas-acme' } })).toEqual(spec);
  });

  it('hold settings, each of them', () => {
    const found = problems({ providerOptions: { local: 5, aws: [] }, region: { aws: 5 } });
    expect(found).toEqual({
      'providerOptions.local': '5 must be an object of settings.',
      'providerOptions.aws': 'must be an object of settings.',
      'region.aws': expect.stringContaining('5 is not allowed'),
    });
    expect(problems({ providerOptions: 5 })).toEqual({
      providerOptions: '5 must be an object by provider id, such as { aws: { } }.',
    });
  });
});
