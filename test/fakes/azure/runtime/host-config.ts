/** host.json, and the settings that override it. */
import { hostOption, spanMs } from '../listeners/host-config.ts';

export interface HostConfig {
  /** All of it, overrides applied. Values from settings are texts. */
  readonly json: Readonly<Record<string, unknown>>;
  /** Before every route; without slashes around it. */
  readonly routePrefix: string;
  /** Null: unbounded. */
  readonly functionTimeoutMs: number | null;
  readonly hasExtensionBundle: boolean;
  /** What keeps the host from starting. */
  readonly problems: readonly string[];
}

const OVERRIDE = /^AzureFunctionsJobHost(?:__|:)(.+)$/i;
/** "functionTimeout": the default of the Flex Consumption and Premium plans. */
const DEFAULT_TIMEOUT_MS = 30 * 60_000;
const DOCS = 'See https://aka.ms/functions-hostjson for steps to migrate the configuration file.';

/** Reads the host.json of a package as the host does: with `AzureFunctionsJobHost__a__b` over it. */
export function readHostConfig(
  files: ReadonlyMap<string, Buffer> | undefined,
  settings: Readonly<Record<string, string>>,
): HostConfig {
  const problems: string[] = [];
  const json = withOverrides(parse(files?.get('host.json'), problems), settings);
  const { version } = json;
  if (version === undefined)
    problems.push(`The host.json file is missing the required 'version' property. ${DOCS}`);
  else if (version !== '2.0')
    problems.push(
      `'${shown(version)}' is an invalid value for host.json 'version' property. We recommend you set the 'version' property to '2.0'. ${DOCS}`,
    );
  const functionTimeoutMs = timeoutOf(json['functionTimeout'], problems);
  for (const [path, isValid, expected] of OPTIONS) {
    const value = hostOption(json, path);
    if (value !== undefined && !isValid(value))
      problems.push(
        `Invalid value '${shown(value)}' of '${path.join(':')}' in host.json: expected ${expected}.`,
      );
  }
  const prefix = hostOption(json, ['extensions', 'http', 'routePrefix']);
  return {
    json,
    routePrefix: typeof prefix === 'string' ? prefix.replaceAll(/^\/+|\/+$/g, '') : 'api',
    functionTimeoutMs,
    hasExtensionBundle: typeof hostOption(json, ['extensionBundle', 'id']) === 'string',
    problems,
  };
}

function parse(bytes: Buffer | undefined, problems: string[]): Record<string, unknown> {
  // The host of a site without the file runs with defaults.
  if (!bytes) return { version: '2.0' };
  try {
    const json: unknown = JSON.parse(bytes.toString());
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return { ...json };
  } catch {
    // It is told below.
  }
  problems.push(`Unable to parse host configuration file 'host.json'.`);
  return { version: '2.0' };
}

function withOverrides(
  json: Readonly<Record<string, unknown>>,
  settings: Readonly<Record<string, string>>,
): Record<string, unknown> {
  let result: Record<string, unknown> = { ...json };
  for (const [name, value] of Object.entries(settings)) {
    const path = OVERRIDE.exec(name)?.[1]?.split(/__|:/);
    if (path) result = put(result, path, value);
  }
  return result;
}

/** Names are the same in upper and in lower case: what is there keeps its name. */
function put(
  target: Readonly<Record<string, unknown>>,
  path: readonly string[],
  value: string,
): Record<string, unknown> {
  const [first = '', ...rest] = path;
  const key =
    Object.keys(target).find((known) => known.toLowerCase() === first.toLowerCase()) ?? first;
  if (rest.length === 0) return { ...target, [key]: value };
  const inner = target[key];
  const object = typeof inner === 'object' && inner !== null ? { ...inner } : {};
  return { ...target, [key]: put(object, rest, value) };
}

function timeoutOf(value: unknown, problems: string[]): number | null {
  if (value === undefined) return DEFAULT_TIMEOUT_MS;
  if (value === '-1' || value === -1) return null;
  const ms = typeof value === 'string' && value.includes(':') ? spanMs(value) : undefined;
  if (ms === undefined) {
    problems.push(
      `Failed to convert configuration value at 'AzureFunctionsJobHost:functionTimeout' to type 'System.TimeSpan': '${shown(value)}'.`,
    );
    return DEFAULT_TIMEOUT_MS;
  }
  if (ms < 1000) problems.push('FunctionTimeout must be greater than 00:00:01.');
  return ms;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function whole(least: number, most: number): readonly [(value: unknown) => boolean, string] {
  return [
    (value) => {
      const number = typeof value === 'string' ? Number(value) : value;
      return (
        typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most
      );
    },
    `a whole number from ${least} to ${most}`,
  ];
}

const SPAN = [(value: unknown) => spanMs(value) !== undefined, 'a time span hh:mm:ss'] as const;
const MOST = 2_147_483_647;

/** Members of host.json whose values are looked at (docs: "host.json reference", and the pages of the bindings). */
const OPTIONS: readonly (readonly [readonly string[], (value: unknown) => boolean, string])[] = [
  [
    ['extensions', 'http', 'routePrefix'],
    (value) => typeof value === 'string' && !/[{}?#\s]/.test(value),
    'a path',
  ],
  [['extensions', 'http', 'maxConcurrentRequests'], ...whole(-1, MOST)],
  [['extensions', 'http', 'maxOutstandingRequests'], ...whole(-1, MOST)],
  [['extensions', 'queues', 'batchSize'], ...whole(1, 32)],
  [['extensions', 'queues', 'newBatchThreshold'], ...whole(0, MOST)],
  [['extensions', 'queues', 'maxDequeueCount'], ...whole(1, MOST)],
  [['extensions', 'queues', 'visibilityTimeout'], ...SPAN],
  [['extensions', 'queues', 'maxPollingInterval'], ...SPAN],
  [
    ['extensions', 'queues', 'messageEncoding'],
    (value) => typeof value === 'string' && /^(base64|none)$/i.test(value),
    'base64 or none',
  ],
  [['extensions', 'serviceBus', 'maxConcurrentCalls'], ...whole(1, MOST)],
  [['extensions', 'serviceBus', 'maxConcurrentSessions'], ...whole(1, MOST)],
  [['extensions', 'serviceBus', 'prefetchCount'], ...whole(0, MOST)],
  [['extensions', 'eventHubs', 'maxEventBatchSize'], ...whole(1, MOST)],
  [['extensions', 'eventHubs', 'prefetchCount'], ...whole(0, MOST)],
];
