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
    [`[serverless_architecture]\nfunctons { a { entry = "./a.ts" } }`, 'Did you mean "functions"?'],
    [`[serverless_architecture]\nenviroment = {}`, 'Did you mean "environment"?'],
    [`[serverless_architecture]\nmemmory = 256`, 'Did you mean "memory"?'],
    [`[serverless_architecture]\nruntme = "node"`, 'Did you mean "runtime"?'],
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

  it.each([
    'efs',
    'ecs',
    'dns',
    'sns',
    'dev',
    'eni',
    'elb',
    'node',
    'iam',
    'ami',
    'namespace',
    'eventBus',
    'functionName',
    'memoryLimit',
    'runtimeVersion',
  ])('is not %s, a field of another tool', (name) => {
    expect(messages(`[serverless_architecture]\n${name} = "x"\n${FUNCTION}`)).toEqual([
      `serverless_architecture.${name}: has no equivalent and no effect. Remove it.`,
    ]);
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
      '"htpp"',
      'a.tsk:2:25: functions.a.events: there is no event source "htpp". Did you mean "http"? Rename or remove it.',
    ],
    [
      '{ type = "kinesys" }',
      'a.tsk:2:37: functions.a.events: there is no event source "kinesys". Did you mean "kinesis"?',
    ],
    ['"eventbrige"', 'Did you mean "eventbridge"?'],
    ['"schedul"', 'Did you mean "schedule"?'],
    ['"quueue"', 'Did you mean "queue"?'],
  ])('is refused: %s', (written, message) => {
    expect(() => mapText(events(written))).toThrow(refusal(message));
  });

  it.each([
    ['[event_sources]\nkinesys = {}\n[serverless_architecture]\nhandler = "a.b"', 'a.tsk:2:1: '],
    ['[serverless_architecture]\nhandler = "a.b"\nevents = { kinesys = {} }', 'a.tsk:3:12: '],
    ['serverless = { handler = "a.b", events = { s = { type = "kinesys" } } }', 'a.tsk:1:50: '],
  ])('is refused with its place: %j', (text, place) => {
    expect(() => mapText(text)).toThrow(refusal(`${place}functions.main.events: there is no`));
  });

  it.each([
    '"cognito"',
    '"iot"',
    '"ses"',
    '"rds"',
    '"mq"',
    '{ path = "/" }',
    '"htp"',
    '"push"',
    '"smtp"',
    '"ftp"',
    '"sftp"',
    '"tcp"',
    '"kinesis_firehose"',
    '"table_storage"',
    '"topic_rule"',
    '"eventgrid"',
    '"sqs_fifo"',
  ])('is not %s, a source of its own', (written) => {
    expect(messages(events(written))).toEqual([
      expect.stringContaining('has no equivalent here, so nothing will arrive from it. Known are'),
    ]);
  });
});
