/** What only Vercel knows of a declaration. Pure; every problem at once. */
import {
  DEFAULT_SIZES,
  asyncDestinations,
  type AsyncPolicy,
  checkSettings,
  type NormalFunctionSpec,
  sameJson,
  type SpecIssue,
} from 'polyfaas/spi';
import { refuseIdentity } from './check/identity.ts';
import { environmentIssues } from './environment.ts';
import { FLUID_MEMORY_MB, HOBBY_SECONDS, MAX_SECONDS, SETTLED_SECONDS } from './limits.ts';
import type { PlatformSettings } from './options.ts';
import { functionSchema } from './options/schema.ts';
import { physicalNameOf } from './place.ts';
import { runtimeProblem } from './runtime.ts';

export { asyncIssues } from './check/async.ts';
export { bindingIssues } from './check/binding.ts';

/** Metadata of a deployment has up to 100 keys ("Create a new deployment", `meta`); some are ours, some Vercel's. */
const MAX_TAGS = 80;
/** A value of metadata, in characters. */
const LONGEST_TAG = 1000;
/** Cron jobs of one project ("Cron jobs", usage and pricing). */
const MAX_CRONS = 100;

/** What `async` says when nothing was declared: that it does not hold is then no news. */
const DEFAULT_ASYNC: AsyncPolicy = {
  retry: {
    maxAttempts: 3,
    backoff: 'exponential',
    delaySeconds: 1,
    maxDelaySeconds: 900,
    jitter: true,
  },
  maxAgeSeconds: 21_600,
};

/** @throws ServerlessError UNSUPPORTED for a role of the function. */
export function functionIssues(
  spec: NormalFunctionSpec,
  platform: PlatformSettings,
): readonly SpecIssue[] {
  const path = `functions.${spec.name}`;
  refuseIdentity(spec.providerOptions.vercel, `${path}.providerOptions.vercel`, spec.name);
  const own = ['functions', spec.name, 'providerOptions', 'vercel'];
  const checked = checkSettings(functionSchema, spec.providerOptions.vercel, own);
  const runtime = runtimeProblem(spec.runtime);
  return [
    ...checked.issues,
    ...(runtime === undefined ? [] : [{ path: `${path}.runtime`, message: runtime }]),
    ...nameIssues(path, spec.name, platform),
    ...durationIssues(path, spec),
    ...memoryIssues(path, spec),
    ...environmentIssues(spec.name, spec.env),
    ...tagIssues(`${path}.tags`, spec.tags),
    ...cronIssues(path, spec),
    ...idIssues(path, spec),
    ...ignoredIssues(path, spec, platform),
    ...(platform.queues ? unreadIssues(path, spec) : []),
  ];
}

/** "Create a project": names of projects end with a letter or a digit, as the labels of their addresses do. */
function nameIssues(
  path: string,
  name: string,
  { projectNames }: Pick<PlatformSettings, 'projectNames'>,
): readonly SpecIssue[] {
  // The end of a derived name is the end of the function's, or a hash.
  const physical = physicalNameOf({ app: 'a', stage: 'b', name }, projectNames);
  if (!physical.endsWith('-')) return [];
  return [
    {
      path,
      message: `"${name}" ends with a dash, which names of projects on Vercel may not. Rename it, or give it a name in providerOptions.vercel.projectNames.`,
    },
  ];
}

/** Whether the account has the beta is told by Vercel alone, when the function is deployed. */
function durationIssues(
  path: string,
  { timeoutSeconds }: NormalFunctionSpec,
): readonly SpecIssue[] {
  if (timeoutSeconds <= SETTLED_SECONDS) return [];
  return [
    {
      path: `${path}.timeoutSeconds`,
      message: `${timeoutSeconds} s are more than the ${SETTLED_SECONDS} s that functions on Pro and Enterprise have for certain (${HOBBY_SECONDS} on Hobby): up to ${MAX_SECONDS} s are in beta there, with fluid compute. Where the account does not have it, Vercel refuses the deployment. Lower it, or split the work into messages of a queue.`,
      warning: 'limit',
    },
  ];
}

/** How the account is billed is no part of what is declared. */
function memoryIssues(path: string, { memoryMb }: NormalFunctionSpec): readonly SpecIssue[] {
  const { standard, performance } = FLUID_MEMORY_MB;
  const isNoNews = memoryMb === DEFAULT_SIZES.memoryMb;
  if (isNoNews || memoryMb === standard || memoryMb === performance) return [];
  return [
    {
      path: `${path}.memoryMb`,
      message: `${memoryMb} MB hold only where Vercel bills by provisioned memory alone. With Active CPU billing, which new projects have, it is ignored: instances have ${standard} MB, or ${performance} MB where the project's functions are set to Performance (its settings, Functions; not on Hobby). Declare one of these.`,
      warning: 'limit',
    },
  ];
}

/** Tags are metadata of deployments, beside ours and Vercel's own. */
function tagIssues(path: string, tags: Readonly<Record<string, string>>): readonly SpecIssue[] {
  const issues = Object.entries(tags).flatMap(([key, value]): readonly SpecIssue[] => {
    const at = `${path}.${key}`;
    if (/^(?:polyfaas|github|gitlab|bitbucket|git|vercel)/i.test(key)) {
      return [
        {
          path: at,
          message:
            'keys that begin with "polyfaas", "vercel", "git", "github", "gitlab" or "bitbucket" are reserved. Choose another one.',
        },
      ];
    }
    if (!/^[A-Za-z][A-Za-z0-9_.:-]{0,99}$/.test(key)) {
      return [
        {
          path: at,
          message: `"${key}" is no key of metadata: 1 to 100 letters, digits and any of _ . : -, a letter first.`,
        },
      ];
    }
    if (value.length <= LONGEST_TAG) return [];
    return [
      {
        path: at,
        message: `has ${value.length} characters, and a tag has at most ${LONGEST_TAG}. Shorten it.`,
      },
    ];
  });
  const count = Object.keys(tags).length;
  if (count <= MAX_TAGS) return issues;
  return [
    ...issues,
    {
      path,
      message: `${count} tags are more than the ${MAX_TAGS} that there is room for in the metadata of a deployment. Put some of them into one.`,
    },
  ];
}

function cronIssues(path: string, { bindings }: NormalFunctionSpec): readonly SpecIssue[] {
  const count = bindings.filter(({ event }) => event.type === 'schedule' && event.enabled).length;
  if (count <= MAX_CRONS) return [];
  return [
    {
      path: `${path}.events`,
      message: `${count} schedules are more than the ${MAX_CRONS} cron jobs that a project on Vercel may have. Give some of them to another function.`,
    },
  ];
}

/** What Vercel has no place for. */
function ignoredIssues(
  path: string,
  { description, tracing, async }: NormalFunctionSpec,
  { queues }: Pick<PlatformSettings, 'queues'>,
): readonly SpecIssue[] {
  const issues: SpecIssue[] = [];
  const ignore = (field: string, message: string): void =>
    void issues.push({ path: `${path}.${field}`, message, warning: 'ignored' });
  if (description !== '') {
    ignore(
      'description',
      `"${description}" is ignored: projects on Vercel have no description. Put it into \`tags\`, which are metadata of each deployment.`,
    );
  }
  if (tracing !== undefined) {
    ignore(
      'tracing',
      `a sample rate of ${tracing.sampleRate} is ignored: which calls Vercel traces is a setting of the project there, or of your own OpenTelemetry in the handler (@vercel/otel). Leave it out.`,
    );
  }
  if (!queues && !sameJson(async, DEFAULT_ASYNC)) {
    ignore(
      'async',
      "its rules are ignored: nothing is invoked asynchronously on Vercel without Vercel Queues. Leave it out, or set providerOptions.vercel.queues: 'beta'.",
    );
  }
  return issues;
}

/** Topics are the project's own: where none of the function's events reads one, nothing does. */
function unreadIssues(path: string, { async, bindings }: NormalFunctionSpec): readonly SpecIssue[] {
  const read = new Set(
    bindings.map(({ event }) => {
      if (event.type === 'queue') return event.queue;
      return event.type === 'topic' ? event.topic : undefined;
    }),
  );
  return asyncDestinations(async)
    .filter(({ name }) => !read.has(name))
    .map(({ field, type, name }) => ({
      path: `${path}.async.${field}`,
      message: `none of the events declared here reads the ${type} "${name}", and no other function can: topics on Vercel are the project's own. Declare an event for it, or read it with the client of @vercel/queue and a token of this project.`,
      warning: 'limit',
    }));
}

/** Each queue and topic has a folder of its own, on this machine too, whose disk may not tell `A` from `a`. */
function idIssues(path: string, { bindings }: NormalFunctionSpec): readonly SpecIssue[] {
  const given = new Map<string, string>();
  return bindings.flatMap(({ id, event }): readonly SpecIssue[] => {
    if (event.type !== 'queue' && event.type !== 'topic') return [];
    const other = given.get(id.toLowerCase());
    given.set(id.toLowerCase(), id);
    if (other === undefined) return [];
    return [
      {
        path: `${path}.events.${id}`,
        message: `"${other}" and "${id}" differ in upper and lower case only, and each is the name of a folder of the deployment. Rename one of them.`,
      },
    ];
  });
}
