import { hostOption } from '../listeners/host-config.ts';
import type { HostSetup, World } from '../core/ports.ts';
import type { LogLevel } from './messages.ts';

type Severity = 0 | 1 | 2 | 3 | 4;

const RANKS: Readonly<Record<string, number>> = {
  trace: 0,
  debug: 1,
  information: 2,
  warning: 3,
  error: 4,
  critical: 5,
  none: 6,
};
const SEVERITIES: readonly Severity[] = [0, 0, 1, 2, 3, 4, 4];
const CONSOLE = 'Host.Function.Console';

/** What a line belongs to. */
export interface LineContext {
  readonly instanceId: string;
  readonly functionName?: string;
  readonly operationId?: string;
  readonly invocationId?: string;
}

/** The lines of one host, as `logging.logLevel` of host.json lets them through to Application Insights. */
export class HostLog {
  readonly #world: World;
  readonly #setup: HostSetup;
  /** Categories in lower case, the longest first. */
  readonly #levels: readonly (readonly [category: string, rank: number])[];

  constructor(world: World, setup: HostSetup, config: Readonly<Record<string, unknown>>) {
    this.#world = world;
    this.#setup = setup;
    const levels = hostOption(config, ['logging', 'logLevel']);
    this.#levels = Object.entries(typeof levels === 'object' && levels !== null ? levels : {})
      .map(([category, level]) => [category.toLowerCase(), rankOf(level)] as const)
      .toSorted(([one], [other]) => other.length - one.length);
  }

  line(category: string, level: LogLevel, message: string, context: LineContext): void {
    const rank = rankOf(level);
    if (level === 'none' || rank < this.#least(category)) return;
    const { instanceId, functionName = '', operationId = '', invocationId } = context;
    this.#world.telemetry.trace({
      siteName: this.#setup.siteName,
      timeMs: this.#world.clock.now(),
      message,
      severity: SEVERITIES[rank] ?? 1,
      operationId,
      functionName,
      instanceId,
      properties: {
        Category: category,
        LogLevel: `${level[0]?.toUpperCase() ?? ''}${level.slice(1)}`,
        ...(invocationId !== undefined && { InvocationId: invocationId }),
      },
    });
  }

  /** A line of `context.log`. */
  user(name: string, level: LogLevel, message: string, context: LineContext): void {
    this.line(`Function.${name}.User`, level, message, context);
  }

  /** A line that the process printed. It belongs to no invocation: nothing tells to which. */
  console(stream: 'stdout' | 'stderr', message: string, context: LineContext): void {
    this.line(CONSOLE, stream === 'stdout' ? 'information' : errorLevel(message), message, context);
  }

  #least(category: string): number {
    const lower = category.toLowerCase();
    const rule = this.#levels.find(([known]) => lower === known || lower.startsWith(`${known}.`));
    return rule?.[1] ?? this.#levels.find(([known]) => known === 'default')?.[1] ?? 2;
  }
}

function rankOf(level: unknown): number {
  return RANKS[String(level).toLowerCase()] ?? 2;
}

/** The host reads the level of what a worker writes to its standard error out of the words. */
function errorLevel(message: string): LogLevel {
  if (/warn/i.test(message)) return 'warning';
  return isError(message) ? 'error' : 'information';
}

/** Of what a worker writes to its standard error. */
export function isError(message: string): boolean {
  return !/warn/i.test(message) && /error|fail|severe|unhandled exception/i.test(message);
}
