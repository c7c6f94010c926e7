import { describe, expect, it } from 'vitest';
import { mapText } from './map-tsk.ts';

const FUNCTION = 'functions { a { entry = "./a.ts" } }';
const messages = (text: string): readonly string[] =>
  mapText(text).warnings.map(({ message }) => message);
const refusal = (message: string): object =>
  expect.objectContaining({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining(message),
  });

describe('a field of the older vocabulary that is nearly called as one that is known', () => {
  it.each([
    [
      `[serverless_architecture]\nprovder = "aws"\n${FUNCTION}`,
      ':2:1: "provder" is unknown in serverless_architecture. Did you mean "provider"? Rename or remove it.',
    ],
    [`serverless = { regoin = "eu" }`, 'is unknown in serverless. Did you mean "region"?'],
    [`[serverless_architecture]\nmemory_sise = 256`, 'Did you mean "memory_size"?'],
    [`[serverless_architecture]\nfuntions { a { entry = "./a.ts" } }`, 'Did you mean "functions"?'],
  ])('is refused: %j', (text, message) => {
    expect(() => mapText(text)).toThrow(refusal(message));
  });

  it('is not one that is near to nothing, nor one of ours that belongs elsewhere', () => {
    const text = `[serverless_architecture]\ntracing_mode = "x"\nruntime_version = 5\nvpc_config = {}\nrolle = "x"\nprovider_options = { a = 1 }\nlayers = ["x"]\n${FUNCTION}`;
    expect(messages(text)).toEqual(
      ['layers', 'tracing_mode', 'runtime_version', 'vpc_config', 'rolle', 'provider_options'].map(
        (name) => `serverless_architecture.${name}: has no equivalent and no effect. Remove it.`,
      ),
    );
  });

  it('names no value', () => {
    expect(() => mapText('[serverless_architecture]\nprovder = "hunter2"')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });
});

describe('an event source that is nearly called as one that is known', () => {
  const events = (written: string): string =>
    `[serverless_architecture.functions]\na = { entry = "./a.ts", events = [${written}] }`;

  it.each([
    [
      '"htp"',
      'functions.a.events: there is no event source "htp". Did you mean "http"? Rename or remove it.',
    ],
    ['"htpp"', 'Did you mean "http"?'],
    ['{ type = "kinesys" }', 'Did you mean "kinesis"?'],
    ['"eventbrige"', 'Did you mean "eventbridge"?'],
  ])('is refused: %s', (written, message) => {
    expect(() => mapText(events(written))).toThrow(refusal(message));
  });

  it.each(['"cognito"', '"iot"', '"ses"', '"rds"', '"mq"', '{ path = "/" }'])(
    'is not %s, a source of its own',
    (written) => {
      expect(messages(events(written))).toEqual([
        expect.stringContaining(
          'has no equivalent here, so nothing will arrive from it. Known are',
        ),
      ]);
    },
  );
});
