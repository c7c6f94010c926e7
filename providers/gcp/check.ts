/** What only Google Cloud knows of a declaration. Pure; every problem at once. */
import { checkSettings, type NormalFunctionSpec, type SpecIssue } from 'polyfaas/spi';
import { environmentIssues } from './environment.ts';
import { isOpen } from './ingress.ts';
import { isReserved } from './labels.ts';
import { givenOptions, type PlatformSettings } from './options.ts';
import { functionSchema } from './options/schema.ts';
import { cpuOf, cpuProblem } from './options/sizes.ts';
import { runtimeProblem } from './runtime.ts';
import { PUSH_SECONDS, SCHEDULE_SECONDS } from './limits.ts';

/** A resource has at most 64 labels ("Requirements for labels"); four are ours. */
const MAX_USER_LABELS = 60;

export function functionIssues(
  spec: NormalFunctionSpec,
  platform: PlatformSettings,
): readonly SpecIssue[] {
  const path = `functions.${spec.name}`;
  const own = ['functions', spec.name, 'providerOptions', 'gcp'];
  const checked = checkSettings(functionSchema, spec.providerOptions.gcp, own);
  const runtime = runtimeProblem(spec.runtime);
  return [
    ...checked.issues,
    ...(runtime === undefined ? [] : [{ path: `${path}.runtime`, message: runtime }]),
    ...nameIssues(path, spec.name, platform),
    ...environmentIssues(spec.name, spec.env),
    ...labelIssues(`${path}.tags`, spec.tags),
    ...timeoutIssues(path, spec),
    ...instanceIssues(path, spec),
    ...tracingIssues(path, spec),
    ...(checked.ok ? cpuIssues(path, spec, platform) : []),
    ...(checked.ok ? networkIssues(path, spec, platform) : []),
  ];
}

/** Cloud Run: names of services do not end with a dash. */
function nameIssues(
  path: string,
  name: string,
  { functionIds }: Pick<PlatformSettings, 'functionIds'>,
): readonly SpecIssue[] {
  if (!name.endsWith('-') || Object.hasOwn(functionIds, name)) return [];
  return [
    {
      path,
      message: `"${name}" ends with a dash, which names of Cloud Run services may not. Rename it, or give it an id in providerOptions.gcp.functionIds.`,
    },
  ];
}

/** "Requirements for labels" of Resource Manager: tags are labels on Google Cloud. */
function labelIssues(path: string, tags: Readonly<Record<string, string>>): readonly SpecIssue[] {
  const issues = Object.entries(tags).flatMap(([key, value]): readonly SpecIssue[] => {
    const at = `${path}.${key}`;
    if (isReserved(key)) {
      return [
        {
          path: at,
          message: 'keys that begin with "polyfaas-", "goog" or "deployment-" are reserved.',
        },
      ];
    }
    if (!/^[a-z][a-z0-9_-]{0,62}$/.test(key)) {
      return [
        {
          path: at,
          message: `"${key}" is no key of a label on Google Cloud: 1 to 63 of a-z 0-9 _ -, a letter first.`,
        },
      ];
    }
    if (/^[a-z0-9_-]{0,63}$/.test(value)) return [];
    return [
      {
        path: at,
        message: `"${value}" is no value of a label on Google Cloud: at most 63 of a-z 0-9 _ -.`,
      },
    ];
  });
  const count = Object.keys(tags).length;
  if (count <= MAX_USER_LABELS) return issues;
  return [
    ...issues,
    {
      path,
      message: `${count} tags are more than the ${MAX_USER_LABELS} that there is room for: Google takes 64 labels, and some are polyfaas's own.`,
    },
  ];
}

/** What calls the function waits for its answer only so long. */
function timeoutIssues(path: string, spec: NormalFunctionSpec): readonly SpecIssue[] {
  const { timeoutSeconds, bindings } = spec;
  const isPushed = ({ event }: (typeof bindings)[number]): boolean =>
    event.type !== 'http' && event.type !== 'schedule';
  const bounds = [
    { max: PUSH_SECONDS, by: "Pub/Sub's longest deadline", found: bindings.find(isPushed) },
    {
      max: SCHEDULE_SECONDS,
      by: "Cloud Scheduler's longest deadline",
      found: bindings.find(({ event }) => event.type === 'schedule'),
    },
  ];
  return bounds.flatMap(({ max, by, found }) =>
    found === undefined || timeoutSeconds <= max
      ? []
      : [
          {
            path: `${path}.timeoutSeconds`,
            message: `${timeoutSeconds} is more than the ${max} s that ${found.event.type} events allow (${by}; event "${found.id}"). Lower it to 1 to ${max}, or give the event a function of its own.`,
          },
        ],
  );
}

function instanceIssues(
  path: string,
  { minInstances, maxInstances }: NormalFunctionSpec,
): readonly SpecIssue[] {
  if (maxInstances === undefined) return [];
  const issues: SpecIssue[] = [];
  if (maxInstances < 1) {
    issues.push({
      path: `${path}.maxInstances`,
      message: `${maxInstances} is no number of instances: Google takes 1 to 1000. To stop a function, remove it.`,
    });
  }
  if (minInstances > maxInstances) {
    issues.push({
      path: `${path}.minInstances`,
      message: `${minInstances} is more than maxInstances (${maxInstances}).`,
    });
  }
  return issues;
}

/** "Cloud Run: using distributed tracing": the rate cannot be configured. */
function tracingIssues(path: string, { tracing }: NormalFunctionSpec): readonly SpecIssue[] {
  if (tracing === undefined) return [];
  return [
    {
      path: `${path}.tracing`,
      message: `a sample rate of ${tracing.sampleRate} is ignored: Cloud Run itself chooses the requests that it traces, whatever is declared. Leave it out, and send spans of your own from the handler, below \`context.trace\`.`,
      warning: 'ignored',
    },
  ];
}

/** Options that are nothing without another one. */
function networkIssues(
  path: string,
  spec: NormalFunctionSpec,
  platform: PlatformSettings,
): readonly SpecIssue[] {
  const { kmsKey, dockerRepository, vpcConnector, vpcEgress, ingress } = givenOptions(
    spec,
    platform,
  );
  const at = `${path}.providerOptions.gcp`;
  const issues: SpecIssue[] = [];
  // `google.cloud.functions.v2.Function.kms_key_name`
  if (kmsKey !== undefined && dockerRepository === undefined) {
    issues.push({
      path: `${at}.kmsKey`,
      message:
        'needs dockerRepository too: a repository of Artifact Registry that was made with the same key, for the images of the function.',
    });
  }
  if (ingress !== undefined && !isOpen(ingress)) {
    issues.push({
      path: `${at}.ingress`,
      message: `with "${ingress}", invoke and preWarm need a caller inside of the network, and so does the look at a new version before the switch: from outside it is left out, and a version counts as good when Cloud Run says that it has started.`,
      warning: 'other',
    });
  }
  if (vpcEgress !== undefined && vpcConnector === undefined) {
    issues.push({
      path: `${at}.vpcEgress`,
      message: 'is ignored without a vpcConnector. Name one, or leave it out.',
      warning: 'ignored',
    });
  }
  return issues;
}

function cpuIssues(
  path: string,
  spec: NormalFunctionSpec,
  platform: PlatformSettings,
): readonly SpecIssue[] {
  const { memoryMb, concurrency } = spec;
  const wish = { memoryMb, concurrency, cpu: givenOptions(spec, platform).cpu };
  const at = `${path}.providerOptions.gcp.cpu`;
  const problem = cpuProblem(wish);
  if (problem !== undefined) return [{ path: at, message: problem }];
  const { cpu, isRaised } = cpuOf(wish);
  if (!isRaised) return [];
  return [
    {
      path: at,
      message: `an instance that serves several requests at once (concurrency ${concurrency}) needs a whole vCPU: it gets ${cpu}, which costs more than what goes with ${memoryMb} MB.`,
      warning: 'rounded',
    },
  ];
}
