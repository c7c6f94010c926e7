import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import type { configSchema, eventSchema, functionSchema } from '../../../src/spec/schema.ts';
import { validateConfig } from '../../../src/spec/validate.ts';
import type { EventSpec, FunctionSpec, PolyfaasConfig } from '../../../src/spec/types.ts';

type Config = z.output<typeof configSchema>;
type Function = z.output<typeof functionSchema>;
type Event = z.output<typeof eventSchema>;

// `tsc -p tsconfig.test.json` judges these; at run time they say nothing.
describe('the schema and the handwritten types', () => {
  it('are the same for an event of each kind', () => {
    expectTypeOf<Event>().toExtend<EventSpec>();
    expectTypeOf<EventSpec>().toExtend<Event>();
    expectTypeOf<Event['type']>().toEqualTypeOf<EventSpec['type']>();
  });

  it('are the same for a function', () => {
    expectTypeOf<Function>().toExtend<FunctionSpec>();
    expectTypeOf<FunctionSpec>().toExtend<Function>();
    expectTypeOf<keyof Function>().toEqualTypeOf<keyof FunctionSpec>();
  });

  it('take undefined for what is left out, as programs have it', () => {
    const region: string | undefined = process.env['NO_SUCH_REGION'];
    const config: PolyfaasConfig = {
      region,
      stage: undefined,
      defaults: { timeoutSeconds: undefined },
      functions: { orders: { entry: './orders.ts', events: undefined, handler: undefined } },
      environments: { prod: { functions: { orders: { entry: undefined, memoryMb: undefined } } } },
      limits: { maxAttempts: undefined },
      failover: undefined,
    };
    expect(validateConfig(config)).toEqual({
      defaults: {},
      functions: { orders: { entry: './orders.ts' } },
      environments: { prod: { functions: { orders: {} } } },
      limits: {},
    });
    // @ts-expect-error -- what code would miss where it runs
    const env: FunctionSpec['env'] = { A: region };
    expect(() => validateConfig({ defaults: { env } })).toThrow('defaults.env.A: is undefined');
    // @ts-expect-error -- what nobody would miss before it is called
    const functions: PolyfaasConfig['functions'] = { orders: undefined };
    expect(() => validateConfig({ functions })).toThrow('functions.orders: is undefined');
  });

  it('are the same for a configuration and its parts', () => {
    expectTypeOf<Config>().toExtend<PolyfaasConfig>();
    expectTypeOf<PolyfaasConfig>().toExtend<Config>();
    expectTypeOf<keyof Config>().toEqualTypeOf<keyof PolyfaasConfig>();
    expectTypeOf<keyof NonNullable<Config['defaults']>>().toEqualTypeOf<
      keyof NonNullable<PolyfaasConfig['defaults']>
    >();
    expectTypeOf<keyof NonNullable<Config['limits']>>().toEqualTypeOf<
      keyof NonNullable<PolyfaasConfig['limits']>
    >();
    expectTypeOf<keyof NonNullable<Config['environments']>[string]>().toEqualTypeOf<
      keyof NonNullable<PolyfaasConfig['environments']>[string]
    >();
  });
});
