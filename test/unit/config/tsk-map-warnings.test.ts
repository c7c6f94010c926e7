import { describe, expect, it } from 'vitest';
import { mapText } from './map-tsk.ts';

const warnings = (text: string): readonly string[] =>
  mapText(text).warnings.map(({ message }) => message);

const withFunction = (text: string): string =>
  `[serverless_architecture.functions]\na = { entry = "./a.ts", events = ["sqs"] }\n${text}`;

describe('what the older vocabulary cannot say', () => {
  it.each([
    [
      '[serverless_architecture]\nfunctions = ["a", "b"]',
      'serverless_architecture.functions: is a list, so it has no effect.',
    ],
    [
      '[serverless_architecture]\nfunctions = "a"',
      'serverless_architecture.functions: is a text, so it has no effect.',
    ],
    [
      '[serverless_architecture]\nevents = "http"',
      'serverless_architecture.events: is a text, so it has no effect.',
    ],
    [
      '[serverless_architecture]\nhandler = 5',
      'serverless_architecture.handler: is a number, so it has no effect.',
    ],
    ['[serverless_architecture]\nname = "x"', 'serverless_architecture.name: '],
    [
      '[serverless_architecture]\nhandler = "a.ts"\nfunctions { main { entry = "./b.ts" } }',
      'functions.main: the handler of serverless_architecture has the same name and counts.',
    ],
    [
      '[serverless_architecture]\nhandler = "a.ts"\nname = 5',
      'serverless_architecture.name: is a number, so it has no effect.',
    ],
    [
      '[cold_start_optimization]\nkeep_warm = true',
      'cold_start_optimization.keep_warm: has no block under strategies, so it has no effect. Write [cold_start_optimization.strategies] and keep_warm = { min_instances = 1 } below.',
    ],
    [
      '[cold_start_optimization]\nprovisioned_concurrency = 5\n[cold_start_optimization.strategies]\nkeep_warm = { min_instances = 1 }',
      'cold_start_optimization.provisioned_concurrency: has no block under strategies',
    ],
    [
      '[cold_start_optimization]\npre_warming = true',
      'cold_start_optimization.pre_warming: calls on a timer have no equivalent.',
    ],
    [
      '[event_driven_serverless]\nhandlers = ["a"]',
      'event_driven_serverless.handlers: is a list, so it has no effect.',
    ],
    [
      '[event_driven_serverless]\nevents = "http"',
      'event_driven_serverless.events: is a text, so it has no effect.',
    ],
    [
      '[event_driven_serverless.handlers]\nwelcome = "EmailHandler::send"',
      'event_driven_serverless.handlers.welcome: is a text, so it has no effect. Write welcome = { function = "..." }.',
    ],
    [
      '[event_driven_serverless.events]\nx = "user-service"',
      'event_driven_serverless.events.x: is a text, so it has no effect.',
    ],
    [
      '[event_driven_serverless.events]\nx = { source = "a" }',
      'event_driven_serverless.events.x: names no targets',
    ],
    [
      '[event_driven_serverless.events]\nx = { source = "a", targets = [5] }',
      'event_driven_serverless.events.x.targets: is a number, so it has no effect.',
    ],
    [
      '[event_driven_serverless.handlers]\na = { function = "a.ts", retry_policy = 3 }',
      'event_driven_serverless.handlers.a.retry_policy: is a number, so it has no effect. Write retry_policy = { max_attempts = 3 }.',
    ],
    [
      withFunction('[serverless_architecture.events]\nsqs = { queue = "q", retry = true }'),
      'events.sqs.retry: is true or false, so it has no effect. Write retry = { max_attempts = 3 }.',
    ],
    [
      withFunction('[serverless_architecture.events]\nsqs = "q"'),
      'events.sqs: is a text, so it has no effect. Write sqs = { ... }',
    ],
    [
      withFunction(
        '[serverless_architecture.events]\nsqs = { queue = "q" }\nsns = { topic = "t" }',
      ),
      'serverless_architecture.events.sns: no function has it among its events',
    ],
    [
      '[serverless_architecture.functions]\na = { entry = "./a.ts", memory_size = 512, memoryMb = 256 }',
      'functions.a.memoryMb: "memory_size" beside it says the same and counts.',
    ],
    [
      '[serverless_architecture.functions]\na = { entry = "./a.ts", events = [{ type = "dynamodb", table = t, stream = s }] }',
      'events.dynamodb.stream: "table" beside it says the same and counts.',
    ],
  ])('is a warning with its path: %j', (text, message) => {
    expect(warnings(text)).toContainEqual(expect.stringContaining(message));
  });

  it('names no value', () => {
    const text =
      '[event_driven_serverless.handlers]\na = "hunter2"\n[serverless_architecture]\nfunctions = ["hunter2"]\nevents = "hunter2"\nhandler = ["hunter2"]';
    expect(warnings(text).join('\n')).not.toContain('hunter2');
    expect(warnings(text)).toHaveLength(4);
  });

  it('is not what stands there for good: a source that is only switched on', () => {
    expect(
      warnings(
        '[serverless_architecture.functions]\na = { entry = "./a.ts", events = ["http"] }\n[serverless_architecture.events]\nhttp = true',
      ),
    ).toEqual([]);
  });
});

describe('events that a handler has of its own', () => {
  it('come before those of the bus', () => {
    const { config } = mapText(`
[event_driven_serverless.handlers]
a = { function = "./a.ts", events = [{ type = "queue", queue = "q" }] }
[event_driven_serverless.events]
x = { source = "shop", targets = ["a"] }`);
    expect(config).toMatchObject({
      functions: {
        a: {
          events: [
            { type: 'queue', queue: 'q' },
            { type: 'bus', id: 'bus-x', pattern: { source: ['shop'] } },
          ],
        },
      },
    });
  });
});
