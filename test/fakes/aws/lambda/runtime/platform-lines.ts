/** The lines that Lambda itself writes around a call, in both formats. */
import type { VersionConfig } from '../execution.ts';
import type { InitializationType } from './environment.ts';
import type { Failure } from './failures.ts';

export interface ReportFacts {
  readonly requestId: string;
  readonly durationMs: number;
  readonly billedDurationMs: number;
  readonly maxMemoryUsedMb: number;
  /** Of a cold start that the caller waited for. */
  readonly initDurationMs?: number;
  readonly failure?: Failure;
}

export interface InitFacts {
  readonly initialization: InitializationType;
  readonly durationMs: number;
  readonly failure?: Failure;
}

type Level = 'DEBUG' | 'INFO' | 'WARN';
const LEVELS: readonly string[] = ['DEBUG', 'INFO', 'WARN'];

export function initStartLines(
  config: VersionConfig,
  time: string,
  initialization: InitializationType,
): readonly string[] {
  const runtime = config.runtime.replace(/\.x$/, '').replace(/^([a-z]+)(.+)$/, '$1:$2');
  if (config.logFormat === 'Text') return [`INIT_START Runtime Version: ${runtime}.v1`];
  return json(config, 'INFO', time, 'platform.initStart', {
    initializationType: initialization,
    phase: 'init',
    runtimeVersion: `${runtime}.v1`,
    functionName: config.functionName,
    functionVersion: config.version,
  });
}

export function initReportLines(
  config: VersionConfig,
  time: string,
  { initialization, durationMs, failure }: InitFacts,
): readonly string[] {
  const status = failure?.status ?? 'success';
  if (config.logFormat === 'JSON') {
    return json(config, failure ? 'WARN' : 'INFO', time, 'platform.initReport', {
      initializationType: initialization,
      phase: 'init',
      status,
      ...(failure?.errorType !== undefined && { errorType: failure.errorType }),
      metrics: { durationMs: round(durationMs) },
    });
  }
  // In text form only what went wrong has a line of its own.
  if (!failure) return [];
  const type = failure.errorType ?? errorTypeOf(failure.payload);
  return [
    `INIT_REPORT Init Duration: ${durationMs.toFixed(2)} ms\tPhase: init\tStatus: ${status}${type === undefined ? '' : `\tError Type: ${type}`}`,
  ];
}

export function startLines(
  config: VersionConfig,
  time: string,
  requestId: string,
  invokedArn: string,
): readonly string[] {
  if (config.logFormat === 'Text')
    return [`START RequestId: ${requestId} Version: ${config.version}`];
  return json(config, 'INFO', time, 'platform.start', {
    requestId,
    functionArn: invokedArn,
    version: config.version,
  });
}

export function endLines(
  config: VersionConfig,
  time: string,
  facts: ReportFacts,
): readonly string[] {
  return config.logFormat === 'JSON'
    ? [...runtimeDoneJson(config, time, facts), ...reportJson(config, time, facts)]
    : [
        ...(facts.failure?.lines ?? []),
        `END RequestId: ${facts.requestId}`,
        reportText(config, facts),
      ];
}

function reportText(config: VersionConfig, facts: ReportFacts): string {
  const { failure, initDurationMs } = facts;
  const parts = [
    `REPORT RequestId: ${facts.requestId}`,
    `Duration: ${facts.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${facts.billedDurationMs} ms`,
    `Memory Size: ${config.memoryMb} MB`,
    `Max Memory Used: ${facts.maxMemoryUsedMb} MB`,
  ];
  if (initDurationMs !== undefined) parts.push(`Init Duration: ${initDurationMs.toFixed(2)} ms`);
  // Errors that the code reports itself leave no trace in the line.
  if (failure?.status === 'timeout') parts.push('Status: timeout');
  else if (failure?.errorType !== undefined)
    parts.push('Status: error', `Error Type: ${failure.errorType}`);
  return `${parts.join('\t')}\t`;
}

function reportJson(config: VersionConfig, time: string, facts: ReportFacts): readonly string[] {
  const { failure, initDurationMs } = facts;
  return json(config, failure ? 'WARN' : 'INFO', time, 'platform.report', {
    requestId: facts.requestId,
    metrics: {
      durationMs: round(facts.durationMs),
      billedDurationMs: facts.billedDurationMs,
      memorySizeMB: config.memoryMb,
      maxMemoryUsedMB: facts.maxMemoryUsedMb,
      ...(initDurationMs !== undefined && { initDurationMs: round(initDurationMs) }),
    },
    status: failure?.status ?? 'success',
    ...(failure?.errorType !== undefined && { errorType: failure.errorType }),
  });
}

function runtimeDoneJson(
  config: VersionConfig,
  time: string,
  { requestId, failure, durationMs }: ReportFacts,
): readonly string[] {
  return json(config, failure ? 'WARN' : 'DEBUG', time, 'platform.runtimeDone', {
    requestId,
    status: failure?.status ?? 'success',
    ...(failure?.errorType !== undefined && { errorType: failure.errorType }),
    metrics: { durationMs: round(durationMs) },
  });
}

/** Nothing when the level of the system's own lines is higher. INFO when none is chosen. */
function json(
  config: VersionConfig,
  level: Level,
  time: string,
  type: string,
  record: unknown,
): readonly string[] {
  const least = LEVELS.indexOf(config.systemLogLevel ?? 'INFO');
  return LEVELS.indexOf(level) < least ? [] : [JSON.stringify({ time, type, record })];
}

function errorTypeOf(payload: string): string | undefined {
  return /"errorType":"([^"]+)"/.exec(payload)?.[1];
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
