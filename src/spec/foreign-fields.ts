/** Fields as other tools call them, and what says the same here. By what they were found in. */

const HTTP = 'A route is an event: events: [{ type: "http", method: "GET", path: "/orders" }].';
const FILE = 'The file of the code is `entry`.';
const PATTERN =
  'What an event must have stands in `pattern`, such as pattern: { source: ["shop"], type: ["order.paid"] }.';

const FOREIGN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a function': {
    code: FILE,
    cors: HTTP,
    file: FILE,
    httpApi: HTTP,
    main: FILE,
    name: 'The name of a function is its key under `functions`.',
    path: FILE,
    provisionedConcurrency: 'Instances that are kept ready are `minInstances`.',
    region: 'The region is the same for all functions: set `region` beside `functions`.',
    reservedConcurrency: 'The most instances at once are `maxInstances`.',
    retries: 'Repeats of asynchronous calls are `async: { retry: { maxAttempts } }`.',
    schedule: 'A schedule is an event: events: [{ type: "schedule", every: "5 minutes" }].',
    url: HTTP,
  },
  'a schedule event': {
    rate: 'An interval is `every`, such as "5 minutes".',
    schedule: 'An interval is `every`, such as "5 minutes"; a cron expression is `cron`.',
  },
  'a bus event': { source: PATTERN, 'detail-type': PATTERN, detail: PATTERN },
  'an event pattern': {
    'detail-type': 'The type of an event is `type` on every platform.',
    detail: 'What an event carries is `data` on every platform.',
  },
};

const MERGE_KEY =
  'YAML 1.2 has no merge keys. Put what functions have in common under `defaults`, or give a whole value by an alias.';

/** What to write instead of a field that other tools have. */
export function foreignFieldHint(key: string, what: string): string | undefined {
  if (key === '<<') return MERGE_KEY;
  const fields = FOREIGN[what];
  return fields !== undefined && Object.hasOwn(fields, key) ? fields[key] : undefined;
}
