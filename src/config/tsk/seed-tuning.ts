/** `[cold_start_optimization]`, `[serverless_monitoring]` and `observability`: defaults of all functions. */
import { Fields, type Notes, given } from './fields.ts';
import type { TskTable, TskValue } from './parse.ts';

const ALWAYS = 'is always done where it helps; the switch has no effect. Remove it.';

const NO_TIMER =
  'calls on a timer have no equivalent. Keep instances warm with keep_warm.min_instances, or call preWarm().';

/** Instances kept warm. */
export function mapColdStart(section: TskTable, notes: Notes): Record<string, unknown> {
  const fields = new Fields(section, 'cold_start_optimization', notes);
  const all = fields.take('enabled') !== false;
  const keepWish = fields.take('keep_warm');
  const provisionedWish = fields.take('provisioned_concurrency');
  const timerWish = fields.take('pre_warming');
  const strategies = fields.open('strategies');
  fields.open('optimization')?.ignoreRest(ALWAYS);
  fields.ignoreRest();
  const keepFields = strategies?.open('keep_warm');
  const provisionedFields = strategies?.open('provisioned_concurrency');
  const timerFields = strategies?.open('pre_warming');
  if (all) {
    noteWish(fields, 'keep_warm', keepWish, keepFields, 'min_instances');
    noteWish(fields, 'provisioned_concurrency', provisionedWish, provisionedFields, 'concurrency');
    if (timerFields !== undefined && timerFields.take('enabled') !== false) {
      notes.add('ignored', timerFields.path, NO_TIMER);
    } else if (timerFields === undefined && isWish(timerWish)) {
      notes.add('ignored', `${fields.path}.pre_warming`, NO_TIMER);
    }
  }
  const keepWarm = strategy(keepFields, all && keepWish !== false, [
    'min_instances',
    'max_instances',
  ]);
  const provisioned = strategy(provisionedFields, all && provisionedWish !== false, [
    'concurrency',
  ]);
  strategies?.ignoreRest();
  return instances(
    keepWarm['min_instances'],
    keepWarm['max_instances'],
    provisioned['concurrency'],
    notes,
  );
}

function isWish(value: TskValue | undefined): boolean {
  return value !== undefined && value !== false;
}

/** A switch alone does not say how many instances are meant. */
function noteWish(
  fields: Fields,
  name: string,
  wish: TskValue | undefined,
  block: Fields | undefined,
  number: string,
): void {
  if (block !== undefined || !isWish(wish)) return;
  fields.notes.add(
    'ignored',
    `${fields.path}.${name}`,
    `has no block under strategies, so it has no effect. Write [${fields.path}.strategies] and ${name} = { ${number} = 1 } below.`,
  );
}

function strategy(
  fields: Fields | undefined,
  wanted: boolean,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  if (fields === undefined) return {};
  const enabled = fields.take('enabled') !== false;
  const values = Object.fromEntries(names.map((name) => [name, fields.take(name)]));
  fields.ignoreRest();
  return wanted && enabled ? values : {};
}

/** Both strategies keep instances: the larger number counts, within the maximum. */
function instances(
  least: unknown,
  most: unknown,
  provisioned: unknown,
  notes: Notes,
): Record<string, unknown> {
  const numbers = [least, provisioned].filter((value) => typeof value === 'number');
  const wanted = numbers.length === 0 ? (least ?? provisioned) : Math.max(...numbers);
  if (typeof wanted !== 'number' || typeof most !== 'number' || wanted <= most) {
    return given({ minInstances: wanted, maxInstances: most });
  }
  notes.add(
    'rounded',
    'cold_start_optimization.strategies',
    `${wanted} instances are to be kept, but keep_warm.max_instances is ${most}: ${most} are kept. Raise the maximum to keep more.`,
  );
  return { minInstances: most, maxInstances: most };
}

/** Tracing. Metrics and logs are always there. */
export function mapMonitoring(section: TskTable, notes: Notes): Record<string, unknown> {
  const fields = new Fields(section, 'serverless_monitoring', notes);
  const enabled = fields.take('enabled') !== false;
  const distributed = fields.take('distributed_tracing');
  fields.take('metrics_collection');
  const metrics = fields.open('metrics');
  metrics?.rest();
  const tracing = fields.open('tracing');
  const sampleRate = tracing?.take('sampling_rate', 'sample_rate');
  tracing?.ignoreRest('has no equivalent: traces follow W3C and OpenTelemetry. Remove it.');
  fields.ignoreRest();
  if (!enabled || distributed === false) return { tracing: false };
  if (sampleRate !== undefined) return { tracing: { sampleRate } };
  return distributed === true ? { tracing: true } : {};
}

/** `observability = { tracing = true }`. */
export function mapObservability(section: TskTable, notes: Notes): Record<string, unknown> {
  const fields = new Fields(section, 'observability', notes);
  const tracing = fields.take('tracing');
  fields.take('metrics');
  fields.take('logs');
  fields.ignoreRest('has no equivalent: traces follow W3C and OpenTelemetry. Remove it.');
  return given({ tracing });
}
