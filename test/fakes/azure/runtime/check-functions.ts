/** What the host finds wrong with functions when it reads their triggers. */
import type { RegisteredFunction } from '../core/ports.ts';
import { HostSettings, resolveNames, UnresolvedSetting } from '../listeners/settings.ts';
import { parseRoute } from './route-template.ts';
import { isSchedule } from './schedule.ts';

export interface CheckedFunctions {
  readonly functions: readonly RegisteredFunction[];
  /** `The 'x' function is in error: ...`, for those that are left out. */
  readonly errors: readonly string[];
}

type Options = Readonly<Record<string, unknown>>;
type Check = (options: Options, settings: HostSettings, routePrefix: string) => void;

const NAME = /^[a-z][a-z0-9_-]{0,127}$/i;
/** What the host has without its extensions. */
const BUILT_IN = new Set(['httpTrigger', 'timerTrigger', 'warmupTrigger']);

/** The forms in which a value is handed over. */
const DATA_TYPES = new Set(['undefined', 'string', 'binary', 'stream']);

class TriggerError extends Error {}

export function checkFunctions(
  registered: readonly RegisteredFunction[],
  setup: {
    readonly settings: Readonly<Record<string, string>>;
    readonly routePrefix: string;
    readonly hasExtensionBundle: boolean;
  },
): CheckedFunctions {
  const settings = new HostSettings(setup.settings);
  const functions: RegisteredFunction[] = [];
  const errors: string[] = [];
  const names = new Set<string>();
  for (const each of registered) {
    try {
      if (!NAME.test(each.name) || each.name.toLowerCase() === 'host')
        throw new TriggerError(`'${each.name}' is not a valid function name.`);
      if (names.has(each.name.toLowerCase()))
        throw new TriggerError(
          `The function name '${each.name}' must be unique within the function app.`,
        );
      names.add(each.name.toLowerCase());
      checkBindings(each, settings, setup);
      functions.push(each);
    } catch (error) {
      if (!(error instanceof TriggerError) && !(error instanceof UnresolvedSetting)) throw error;
      errors.push(`The '${each.name}' function is in error: ${error.message}`);
    }
  }
  return { functions, errors };
}

function checkBindings(
  { name, bindings }: RegisteredFunction,
  settings: HostSettings,
  { routePrefix, hasExtensionBundle }: { routePrefix: string; hasExtensionBundle: boolean },
): void {
  const triggers = Object.values(bindings).filter((each) => /trigger$/i.test(String(each['type'])));
  const [trigger] = triggers;
  if (!trigger)
    throw new TriggerError(
      'No trigger binding specified. A function must have a trigger input binding.',
    );
  if (triggers.length > 1)
    throw new TriggerError(
      'Multiple trigger bindings defined. A function can only have a single trigger binding.',
    );
  const type = String(trigger['type']);
  const check = Object.hasOwn(CHECKS, type) ? CHECKS[type] : undefined;
  if (!check || (!BUILT_IN.has(type) && !hasExtensionBundle)) {
    throw new TriggerError(
      `The binding type(s) '${type}' are not registered. Please ensure the type is correct and the binding extension is installed.`,
    );
  }
  try {
    checkDataType(trigger);
    check(resolved(trigger, settings), settings, routePrefix);
  } catch (error) {
    if (!(error instanceof TriggerError) && !(error instanceof UnresolvedSetting)) throw error;
    throw new TriggerError(
      `Microsoft.Azure.WebJobs.Host: Error indexing method 'Functions.${name}'. ${error.message}`,
    );
  }
}

function checkDataType({ dataType }: Options): void {
  if (dataType === undefined) return;
  if (typeof dataType === 'string' && DATA_TYPES.has(dataType.toLowerCase())) return;
  throw new TriggerError(`Error converting value ${JSON.stringify(dataType)} to type 'DataType'.`);
}

/** A connection is a name of settings already. */
function resolved(trigger: Options, settings: HostSettings): Options {
  return Object.fromEntries(
    Object.entries(trigger).map(([name, value]) => [
      name,
      name === 'connection' ? value : resolveNames(value, settings),
    ]),
  );
}

function required(options: Options, name: string): string {
  const value = options[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new TriggerError(
    `Microsoft.Azure.WebJobs.Host: The '${name}' property of the trigger is required.`,
  );
}

/** A connection string under the name, or a section of it with one of the members. */
function connected(
  options: Options,
  settings: HostSettings,
  rules: {
    readonly fallback: string;
    readonly members: readonly string[];
    missing(name: string): string;
  },
): void {
  const { connection } = options;
  const name = typeof connection === 'string' && connection !== '' ? connection : rules.fallback;
  for (const key of [`AzureWebJobs${name}`, name, `ConnectionStrings__${name}`]) {
    if ((settings.get(key) ?? '') !== '') return;
    const section = settings.section(key);
    if (rules.members.some((member) => (section[member] ?? '') !== '')) return;
  }
  throw new TriggerError(rules.missing(name));
}

const STORAGE = {
  fallback: 'Storage',
  missing: (name: string) =>
    `Microsoft.Azure.WebJobs.Extensions.Storage: Storage account connection string '${name}' does not exist. Make sure that it is a defined App Setting.`,
};

const SERVICE_BUS = {
  fallback: 'ServiceBus',
  members: ['fullyqualifiednamespace'],
  missing: (name: string) =>
    `Microsoft.Azure.WebJobs.ServiceBus: Microsoft Azure WebJobs SDK ServiceBus connection string '${name}' is missing or empty.`,
};

const EVENT_HUBS = {
  fallback: 'EventHubs',
  members: ['fullyqualifiednamespace'],
  missing: (name: string) =>
    `Microsoft.Azure.WebJobs.EventHubs: EventHub account connection string '${name}' does not exist. Make sure that it is a defined App Setting.`,
};

const COSMOS = {
  fallback: 'CosmosDB',
  members: ['accountendpoint'],
  missing: (name: string) =>
    `Microsoft.Azure.WebJobs.Extensions.CosmosDB: Cosmos DB connection configuration '${name}' does not exist. Make sure that it is a defined App Setting.`,
};

const CHECKS: Readonly<Record<string, Check>> = {
  httpTrigger(options, _, routePrefix) {
    const level = options['authLevel'];
    if (!['anonymous', 'function', 'admin'].includes(String(level).toLowerCase()))
      throw new TriggerError(
        `Error converting value "${String(level)}" to type 'AuthorizationLevel'.`,
      );
    const { route } = options;
    if (typeof route !== 'string') return;
    const problem = parseRoute(route, routePrefix).problem;
    if (problem !== undefined) throw new TriggerError(problem);
  },
  timerTrigger(options) {
    const schedule = required(options, 'schedule');
    if (!isSchedule(schedule))
      throw new TriggerError(
        `Microsoft.Azure.WebJobs.Extensions: The schedule expression '${schedule}' was not recognized as a valid cron expression or timespan string.`,
      );
  },
  warmupTrigger() {},
  queueTrigger(options, settings) {
    const name = required(options, 'queueName').toLowerCase();
    if (!/^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name))
      throw new TriggerError(
        `Microsoft.Azure.WebJobs.Extensions.Storage.Queues: A queue name can contain only letters, numbers, and dash(-) characters - "${name}"`,
      );
    const members = ['queueserviceuri', 'serviceuri', 'accountname'];
    connected(options, settings, { ...STORAGE, members });
  },
  blobTrigger(options, settings) {
    required(options, 'path');
    const members = ['blobserviceuri', 'serviceuri', 'accountname'];
    connected(options, settings, { ...STORAGE, members });
  },
  serviceBusTrigger(options, settings) {
    if (options['topicName'] === undefined) required(options, 'queueName');
    else {
      required(options, 'topicName');
      required(options, 'subscriptionName');
    }
    connected(options, settings, SERVICE_BUS);
  },
  eventHubTrigger(options, settings) {
    required(options, 'eventHubName');
    connected(options, settings, EVENT_HUBS);
  },
  cosmosDBTrigger(options, settings) {
    required(options, 'databaseName');
    required(options, 'containerName');
    connected(options, settings, COSMOS);
  },
  eventGridTrigger() {},
};
