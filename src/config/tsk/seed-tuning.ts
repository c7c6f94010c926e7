/** `[cold_start_optimization]`, `[serverless_monitoring]` and `observability`: defaults of all functions. */
import { Fields, type Notes, given } from './fields.ts';
import type { TskTable } from './parse.ts';

const ALWAYS = 'is always done where it helps; the switch has no effect. Remove it.';

/** Instances kept warm. */
export function mapColdStart(section: TskTable, notes: Notes): Record<string, unknown> {
  const fields = new Fields(section, 'cold_start_optimization', notes);
  const all = fields.take('enabled') !== false;
  const wishes = {
    keepWarm: fields.take('keep_warm') !== false,
    provisioned: fields.take('provisioned_concurrency') !== false,
  };
  fields.take('pre_warming');
  const strategies = fields.open('strategies');
  fields.open('optimization')?.ignoreRest(ALWAYS);
  fields.ignoreRest();
  if (strategies === undefined) return {};
  const keepWarm = strategy(strategies.open('keep_warm'), all && wishes.keepWarm, [
    'min_instances',
    'max_instances',
  ]);
  const provisioned = strategy(
    strategies.open('provisioned_concurrency'),
    all && wishes.provisioned,
    ['concurrency'],
  );
  const preWarming = strategies.open('pre_warming');
  if (preWarming !== undefined && all && preWarming.take('enabled') !== false) {
    notes.add(
      'ignored',
      preWarming.path,
      'calls on a timer have no equivalent. Keep instances warm with keep_warm.min_instances, or call preWarm().',
    );
  }
  strategies.ignoreRest();
  return instances(
    keepWarm['min_instances'],
    keepWarm['max_instances'],
    provisioned['concurrency'],
    notes,
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
