/** What can be refused before anything is sent: by the capability data, and by the provider's own check. */
import { ServerlessError } from '../errors/index.ts';
import type { JsonObject } from '../function/json.types.ts';
import { DEFAULT_SIZES } from '../spec/normalize.ts';
import type { ArtifactManifest } from '../spi/artifact.ts';
import type { Binding } from '../spi/bindings.ts';
import type { Capabilities, CapabilityKey, NumberRange } from '../spi/capabilities.ts';
import type { Warning } from '../spi/plan.ts';
import type { NormalFunctionSpec, ServerlessProvider, SpecIssue } from '../spi/provider.ts';
import { referencesInBinding, referencesInSpec } from './declared-references.ts';

type Target = Pick<ServerlessProvider, 'id' | 'capabilities'>;

/** One capability that a declaration asks for, and where it asks. */
interface Need {
  readonly key: CapabilityKey;
  readonly path: string;
}

/** A need that the provider does not meet, as a problem. */
interface Gap extends SpecIssue {
  readonly key: CapabilityKey;
}

/** Throws UNSUPPORTED when the provider lacks the capability. */
export function requireCapability(provider: Target, need: Need, functionName?: string): void {
  const gap = gapOf(provider, need);
  if (gap) throw unsupported(provider.id, functionName, gap);
}

function gapOf({ id, capabilities }: Target, { key, path }: Need): Gap | undefined {
  const capability = capabilities.features[key];
  if (capability.support !== 'none') return undefined;
  return { key, path, message: `${id} does not support "${key}". ${capability.why}` };
}

function gapsIn(provider: Target, needs: readonly Need[]): readonly Gap[] {
  const gaps = needs.flatMap((need) => gapOf(provider, need) ?? []);
  // Where there are no topics, there is nothing to say of their filters.
  const kinds = gaps.filter(({ key }) => /^event\.\w+$/.test(key));
  return gaps.filter((gap) => !kinds.some((kind) => kind !== gap && isIn(gap, kind.path)));
}

/** What a binding asks for. */
export function needsOfBinding(binding: Binding, path: string): readonly Need[] {
  const { event } = binding;
  const needs: Need[] = [{ key: `event.${event.type}`, path }];
  const ask = (key: CapabilityKey, field: string): void => {
    needs.push({ key, path: `${path}.${field}` });
  };
  if (event.type === 'http') {
    if (event.cors) ask('event.http.cors', 'cors');
    if (event.jwt) ask('event.http.jwt', 'jwt');
    if (event.rateLimit) ask('event.http.rateLimit', 'rateLimit');
  } else if (event.type === 'schedule') {
    if (event.timezone !== 'UTC') ask('event.schedule.timezone', 'timezone');
  } else {
    if (event.type === 'topic' && event.filter) ask('event.topic.filter', 'filter');
    if (event.type === 'object' && event.prefix + event.suffix !== '') {
      ask('event.object.filter', event.prefix === '' ? 'suffix' : 'prefix');
    }
    if (event.type === 'bus' && Object.keys(event.pattern).length > 0) {
      ask('event.bus.pattern', 'pattern');
    }
    if (event.deadLetter !== undefined) ask(`event.${event.type}.deadLetter`, 'deadLetter');
  }
  return needs;
}

function needsOfSpec(spec: NormalFunctionSpec, artifact: ArtifactForm): readonly Need[] {
  const path = `functions.${spec.name}`;
  const needs: Need[] = [];
  const ask = (key: CapabilityKey, field: string): void => {
    needs.push({ key, path: `${path}.${field}` });
  };
  if (artifact === 'image') ask('deploy.image', 'image');
  if (artifact === 'prebuilt') ask('deploy.prebuilt', 'artifact');
  if (!/^node\d*$/.test(spec.runtime)) ask('deploy.foreignRuntime', 'runtime');
  if (spec.architecture !== undefined) ask('deploy.architecture', 'architecture');
  if (spec.minInstances > 0) ask('instance.minInstances', 'minInstances');
  if (spec.maxInstances !== undefined) ask('instance.maxInstances', 'maxInstances');
  if (spec.concurrency > 1) ask('instance.concurrency', 'concurrency');
  if (spec.async.onSuccess || spec.async.onFailure) ask('invoke.destinations', 'async');
  if (Object.keys(spec.tags).length > 0) ask('deploy.tags', 'tags');
  const secret = Object.entries(spec.env).find(([, value]) => typeof value !== 'string');
  if (secret) ask('deploy.secrets', `env.${secret[0]}`);
  for (const binding of spec.bindings) {
    needs.push(...needsOfBinding(binding, `${path}.events.${binding.id}`));
  }
  return needs;
}

/** How the code arrives. */
export type ArtifactForm = 'bundle' | 'prebuilt' | 'image';

/**
 * Checks a declaration against what the provider can do. Throws one error that holds every problem: UNSUPPORTED where a
 * capability is among them.
 *
 * @param asked what the normal form does not show that the declaration asks for.
 * @returns what is not quite as wished.
 */
export function checkSpec(
  provider: Target & Pick<ServerlessProvider, 'validate' | 'validateBinding'>,
  spec: NormalFunctionSpec,
  form: ArtifactForm,
  asked: readonly Need[] = [],
): readonly Warning[] {
  const gaps = gapsIn(provider, [...asked, ...needsOfSpec(spec, form)]);
  return judge(provider.id, spec.name, gaps, [
    ...limitIssues(provider.capabilities, spec),
    ...specIssues(provider, spec, gaps),
    ...spec.bindings
      .filter(({ id }) => !gaps.some((gap) => isIn(gap, `functions.${spec.name}.events.${id}`)))
      .flatMap((binding) => provider.validateBinding(spec.name, binding)),
  ]);
}

/** What the provider itself says. It need not know how to check what it has not: then the gaps are all there is to tell. */
function specIssues(
  provider: Pick<ServerlessProvider, 'validate'>,
  spec: NormalFunctionSpec,
  gaps: readonly Gap[],
): readonly SpecIssue[] {
  try {
    return provider.validate(spec);
  } catch (defect) {
    if (gaps.length === 0) throw defect;
    return [];
  }
}

function isIn({ path }: SpecIssue, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`);
}

/** As {@link checkSpec}, for one binding that is added later. */
export function checkBinding(
  provider: Target & Pick<ServerlessProvider, 'validateBinding'>,
  functionName: string,
  binding: Binding,
): readonly Warning[] {
  const path = `event ${binding.id}`;
  const gaps = gapsIn(provider, needsOfBinding(binding, path));
  return judge(provider.id, functionName, gaps, [
    ...referencesInBinding(binding, path),
    ...(gaps.length > 0 ? [] : provider.validateBinding(functionName, binding)),
  ]);
}

/** Throws one error for all problems that there are; answers the rest. */
function judge(
  providerId: string,
  functionName: string,
  gaps: readonly Gap[],
  issues: readonly SpecIssue[],
): readonly Warning[] {
  const errors = issues.filter((issue) => issue.warning === undefined);
  const [gap] = gaps;
  if (gap) {
    // What is not there need not be right as well.
    const others = errors.filter((issue) => !gaps.some(({ path }) => isIn(issue, path)));
    throw unsupported(providerId, functionName, gap, [...gaps, ...others]);
  }
  if (errors.length > 0) throw invalid(providerId, functionName, errors);
  return issues.flatMap(({ warning, path, message }) =>
    warning === undefined ? [] : [{ type: warning, field: path, message }],
  );
}

/** Refuses routes to a version that may take longer than a route waits. */
export function checkRoutes(
  provider: Target,
  functionName: string,
  timeoutSeconds: number,
  bindings: readonly Binding[],
): void {
  const issues = routeIssues(provider.capabilities, functionName, timeoutSeconds, bindings);
  if (issues.length > 0) throw invalid(provider.id, functionName, issues);
}

/**
 * The declaration with its numbers rounded up to what the platform has, and a warning for each that is not the default:
 * who said nothing has nothing to hear.
 */
export function roundToSteps(
  { limits }: Capabilities,
  spec: NormalFunctionSpec,
): { readonly spec: NormalFunctionSpec; readonly warnings: readonly Warning[] } {
  const warnings: Warning[] = [];
  const rounded = { memoryMb: spec.memoryMb, timeoutSeconds: spec.timeoutSeconds };
  for (const field of ['memoryMb', 'timeoutSeconds'] as const) {
    const { steps = [] } = rangeOf(limits[field], spec);
    const fitting = steps.filter((size) => size >= spec[field]);
    if (fitting.length === 0) continue;
    const size = Math.min(...fitting);
    if (size === spec[field]) continue;
    rounded[field] = size;
    if (spec[field] === DEFAULT_SIZES[field]) continue;
    const path = `functions.${spec.name}.${field}`;
    const message = `${path}: ${spec[field]} is rounded up to ${size}, the next size of the platform.`;
    warnings.push({ type: 'rounded', field: path, message });
  }
  return { spec: { ...spec, ...rounded }, warnings };
}

/** The range that holds for a declaration. */
function rangeOf(range: NumberRange, spec: NormalFunctionSpec): NumberRange {
  return range.of?.(spec) ?? range;
}

/** Refuses to bind a kind that the code does not handle. Unknown code (no `handles`) is let through. */
export function checkHandles(
  providerId: string,
  functionName: string,
  handles: ArtifactManifest['handles'],
  bindings: readonly Binding[],
): void {
  if (handles.length === 0) return;
  const issues = bindings
    .filter(({ event }) => !handles.includes(event.type))
    .map(({ id, event }) => ({
      path: `functions.${functionName}.events.${id}`,
      message: `the code has no "${event.type}" handler; it handles: ${handles.join(', ')}. Add \`${event.type}\` to defineFunction, or take the event away.`,
    }));
  if (issues.length > 0) throw invalid(providerId, functionName, issues);
}

function limitIssues(capabilities: Capabilities, spec: NormalFunctionSpec): readonly SpecIssue[] {
  const { limits } = capabilities;
  const path = `functions.${spec.name}`;
  const issues: SpecIssue[] = [];
  for (const field of ['memoryMb', 'timeoutSeconds'] as const) {
    const { min, max, note } = rangeOf(limits[field], spec);
    if (spec[field] < min || spec[field] > max) {
      const problem = `${spec[field]} is ${min === max ? `more than ${max}` : `outside ${min} to ${max}`}.`;
      issues.push({
        path: `${path}.${field}`,
        message: note === undefined ? problem : `${problem} ${note}`,
      });
    }
  }
  const bounds = [
    ['concurrency', limits.concurrency],
    ['maxInstances', limits.maxInstances],
    ['minInstances', limits.maxInstances],
  ] as const;
  for (const [field, max] of bounds) {
    const value = spec[field];
    if (value !== undefined && value > max) {
      issues.push({ path: `${path}.${field}`, message: `${value} is more than ${max}.` });
    }
  }
  const envBytes = Object.entries(spec.env).reduce(
    (sum, [name, value]) =>
      sum + Buffer.byteLength(name) + Buffer.byteLength(typeof value === 'string' ? value : ''),
    0,
  );
  if (envBytes > limits.envBytes) {
    issues.push({
      path: `${path}.env`,
      message: `${envBytes} bytes of names and values; at most ${limits.envBytes} are allowed. Move large values to a file or a secret.`,
    });
  }
  issues.push(...routeIssues(capabilities, spec.name, spec.timeoutSeconds, spec.bindings));
  issues.push(...referencesInSpec(spec));
  return issues;
}

function routeIssues(
  { limits }: Capabilities,
  functionName: string,
  timeoutSeconds: number,
  bindings: readonly Binding[],
): readonly SpecIssue[] {
  const isRouted = bindings.some(({ event }) => event.type === 'http');
  if (!isRouted || timeoutSeconds <= limits.httpTimeoutSeconds) return [];
  return [
    {
      path: `functions.${functionName}.timeoutSeconds`,
      message: `${timeoutSeconds} is more than the ${limits.httpTimeoutSeconds} s that an http route allows. Lower it, or move the long work to a queue.`,
    },
  ];
}

function invalid(
  providerId: string,
  functionName: string,
  issues: readonly SpecIssue[],
): ServerlessError {
  return new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: providerId,
    function: functionName,
    message: told(issues),
    details: listed(issues),
  });
}

/**
 * @param gap the first, which `details` names.
 * @param issues all that is wrong with a declaration, the gap too.
 */
function unsupported(
  providerId: string,
  functionName: string | undefined,
  gap: Gap,
  issues?: readonly SpecIssue[],
): ServerlessError {
  return new ServerlessError({
    code: 'UNSUPPORTED',
    provider: providerId,
    function: functionName,
    message: told(issues ?? [gap]),
    details: { capability: gap.key, path: gap.path, ...(issues && listed(issues)) },
  });
}

function told(issues: readonly SpecIssue[]): string {
  return issues.map(({ path, message }) => `${path}: ${message}`).join('\n');
}

function listed(issues: readonly SpecIssue[]): JsonObject {
  return { issues: issues.map(({ path, message }) => ({ path, message })) };
}
