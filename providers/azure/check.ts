/** What only Azure knows of a declaration. Pure; every problem at once. */
import { checkSettings, type NormalFunctionSpec, type SpecIssue } from 'polyfaas/spi';
import { CONSUMPTION_SECONDS, HTTP_SECONDS } from './capabilities.ts';
import { environmentIssues } from './environment.ts';
import { asyncIssues } from './events/check/async.ts';
import { functionSettings, type FunctionSettings, type PlatformSettings } from './options.ts';
import { functionSchema } from './options/schema.ts';
import { runtimeProblem } from './runtime.ts';
import { isRefusedOnFlex } from './setting-names.ts';
import { MAX_STATE_TAGS, MAX_TAGS } from './tags.ts';

/** Tags of ownership, of the record, and of where things are; the rest is the user's. */
const MAX_USER_TAGS = MAX_TAGS - MAX_STATE_TAGS - 4;

/** Instances at most: Linux Consumption 100, Elastic Premium 100 ("Scale limits"). */
const OTHER_PLANS_INSTANCES = 100;

export function functionIssues(
  spec: NormalFunctionSpec,
  platform: PlatformSettings,
): readonly SpecIssue[] {
  const path = `functions.${spec.name}`;
  const options = `${path}.providerOptions.azure`;
  const own = ['functions', spec.name, 'providerOptions', 'azure'];
  const checked = checkSettings(functionSchema, spec.providerOptions.azure, own);
  const runtime = runtimeProblem(spec.runtime);
  const settings = functionSettings(spec, platform);
  return [
    ...checked.issues,
    ...(runtime === undefined ? [] : [{ path: `${path}.runtime`, message: runtime }]),
    ...environmentIssues(spec.name, spec.env, settings),
    ...tagIssues(path, spec),
    ...timeoutIssues(path, spec, settings),
    ...asyncIssues(spec.name, spec.async),
    ...tracingIssues(path, spec),
    ...(checked.ok ? planIssues(path, options, spec, settings) : []),
  ];
}

/** Azure Resource Manager, "tag limitations". */
function tagIssues(
  path: string,
  { tags, description }: Pick<NormalFunctionSpec, 'tags' | 'description'>,
): readonly SpecIssue[] {
  const seen = new Map<string, string>();
  const issues = Object.entries(tags).flatMap(([key, value]): readonly SpecIssue[] => {
    const at = `${path}.tags.${key}`;
    const other = seen.get(key.toLowerCase());
    seen.set(key.toLowerCase(), key);
    if (other !== undefined) {
      return [
        {
          path: at,
          message: `"${key}" and "${other}" differ in their case only, which to Azure is the same tag. Rename one of them.`,
        },
      ];
    }
    if (/^(?:polyfaas-|microsoft|azure|windows|hidden-)/i.test(key)) {
      return [
        {
          path: at,
          message:
            'keys that begin with "polyfaas-", "microsoft", "azure", "windows" or "hidden-" are reserved.',
        },
      ];
    }
    if (key.length > 512 || /[<>%&\\?/\p{Cc}]/u.test(key)) {
      return [
        { path: at, message: 'a key has at most 512 characters, and none of < > % & \\ ? /.' },
      ];
    }
    if (value.length > 256) {
      return [
        { path: at, message: `the value has ${value.length} characters; at most 256 are allowed.` },
      ];
    }
    return [];
  });
  const count = Object.keys(tags).length;
  const most = MAX_USER_TAGS - (description === '' ? 0 : 1);
  if (count <= most) return issues;
  return [
    ...issues,
    {
      path: `${path}.tags`,
      message: `${count} tags are more than the ${most} that there is room for: Azure takes ${MAX_TAGS}, and polyfaas keeps its record${description === '' ? '' : ', and the description,'} in the others.`,
    },
  ];
}

function timeoutIssues(
  path: string,
  { timeoutSeconds }: NormalFunctionSpec,
  { plan }: FunctionSettings,
): readonly SpecIssue[] {
  const at = `${path}.timeoutSeconds`;
  if (plan === 'consumption' && timeoutSeconds > CONSUMPTION_SECONDS) {
    return [
      {
        path: at,
        message: `${timeoutSeconds} is more than the ${CONSUMPTION_SECONDS} s of the Consumption plan. Lower it, or leave providerOptions.azure.plan out.`,
      },
    ];
  }
  if (timeoutSeconds <= HTTP_SECONDS) return [];
  return [
    {
      path: at,
      message: `Azure's front ends a connection after ${HTTP_SECONDS} s: synchronous invocations that take longer end with TIMEOUT, though the function runs on. Invoke it with mode "async", or from a queue.`,
      warning: 'limit',
    },
  ];
}

/** Counts and percentiles come from the same telemetry: a sample of it would make them guesses. */
function tracingIssues(path: string, { tracing }: NormalFunctionSpec): readonly SpecIssue[] {
  if (tracing === undefined) return [];
  return [
    {
      path: `${path}.tracing`,
      message: `a sample rate of ${tracing.sampleRate} is ignored: what Azure Functions tells Application Insights of is every call, whatever is declared. Leave it out, and send spans of your own from the handler, below \`context.trace\`.`,
      warning: 'ignored',
    },
  ];
}

function planIssues(
  path: string,
  options: string,
  spec: NormalFunctionSpec,
  settings: FunctionSettings,
): readonly SpecIssue[] {
  const { plan } = settings;
  const given = spec.providerOptions.azure ?? {};
  const issues: SpecIssue[] = [];
  const refuse = (at: string, message: string): void => void issues.push({ path: at, message });
  if (plan !== 'premium') {
    for (const field of ['planSku', 'premium'] as const) {
      if (given[field] !== undefined) {
        refuse(`${options}.${field}`, `belongs to plan "premium"; the plan is "${plan}".`);
      }
    }
  }
  if (plan === 'flex') {
    for (const name of Object.keys(settings.appSettings).filter(isRefusedOnFlex)) {
      const isOwn = given.appSettings !== undefined;
      refuse(
        `${isOwn ? options : 'providerOptions.azure'}.appSettings.${name}`,
        'Flex Consumption refuses this setting. Leave it out, or use plan "premium" or "consumption".',
      );
    }
  } else {
    if (given.siteUpdateStrategy !== undefined) {
      refuse(`${options}.siteUpdateStrategy`, `belongs to plan "flex"; the plan is "${plan}".`);
    }
    if (spec.concurrency > 1) {
      refuse(`${path}.concurrency`, `only plan "flex" bounds it; the plan is "${plan}".`);
    }
    if (spec.maxInstances !== undefined && spec.maxInstances > OTHER_PLANS_INSTANCES) {
      refuse(
        `${path}.maxInstances`,
        `${spec.maxInstances} is more than the ${OTHER_PLANS_INSTANCES} of plan "${plan}".`,
      );
    }
  }
  if (plan === 'consumption') {
    for (const field of ['vnetSubnetId', 'zoneRedundant'] as const) {
      if (settings[field] !== null && settings[field] !== false) {
        refuse(`${options}.${field}`, 'the Consumption plan has no such thing. Use plan "flex".');
      }
    }
    if (spec.minInstances > 0) {
      refuse(
        `${path}.minInstances`,
        'the Consumption plan keeps no instances ready. Use plan "flex" or "premium".',
      );
    }
  }
  if (spec.maxInstances !== undefined && spec.maxInstances < 1) {
    refuse(
      `${path}.maxInstances`,
      'Azure takes 1 to 1000. To stop a function, stop its app in the portal, or remove it.',
    );
  }
  if (spec.maxInstances !== undefined && spec.minInstances > spec.maxInstances) {
    refuse(`${path}.minInstances`, `${spec.minInstances} is more than maxInstances.`);
  }
  if (settings.zoneRedundant && plan === 'flex' && spec.minInstances === 1) {
    // "Flex Consumption: always-ready instances": at least two where zones are used.
    refuse(`${path}.minInstances`, 'with zoneRedundant, Azure takes 0 or at least 2.');
  }
  return issues;
}
