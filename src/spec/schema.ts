/**
 * The run-time schema of what users declare. Loads zod: import it (through `validate.ts`) only when a
 * configuration is to be checked. A type test equates it with the handwritten `types.ts`.
 */
import { z } from 'zod';
import type { HandlerKind } from '../function/events.ts';
import { codeProblem } from './exclusive.ts';
import {
  adapterIdProblem,
  appNameProblem,
  envNameProblem,
  functionNameProblem,
  packageNameProblem,
  providerIdProblem,
  secretNameProblem,
  stageNameProblem,
  tagNameProblem,
} from './names.ts';
import { isPlainObject } from './plain-data.ts';
import { eventSchema, retrySchema } from './schema-events.ts';
import {
  list,
  maybe,
  numberBetween,
  obeying,
  oneOf,
  ruled,
  sourceName,
  strict,
  text,
  wholeNumber,
  yesOrNo,
} from './schema-parts.ts';
import { runtimeNameProblem } from './runtime-name.ts';
import type { FunctionSpec, ProviderOptions } from './types.ts';

export { eventSchema };

const HANDLES = [
  'invoke',
  'http',
  'schedule',
  'queue',
  'topic',
  'object',
  'stream',
  'table',
  'bus',
] as const satisfies readonly HandlerKind[];

const secretRefSchema = strict(
  {
    $secret: ruled('the name of a secret', secretNameProblem),
    version: z.exactOptional(text(256)),
  },
  'a secret reference',
);

const destinationSchema = strict(
  { type: oneOf(['queue', 'topic', 'bus']), name: sourceName() },
  'a destination',
);

const asyncSchema = strict(
  {
    retry: maybe(retrySchema),
    maxAgeSeconds: maybe(wholeNumber(60, 21_600)),
    onSuccess: maybe(destinationSchema),
    onFailure: maybe(destinationSchema),
  },
  'asynchronous invocation',
);

const packageSchema = strict(
  {
    external: maybe(list(text(), 'a list of module names')),
    include: maybe(list(text(), 'a list of globs')),
    minify: maybe(yesOrNo()),
  },
  'packaging',
);

const providerOptionsSchema = z
  .custom<ProviderOptions>(isPlainObject, {
    error: 'must be an object by provider id, such as { aws: { } }.',
  })
  .check(({ value, issues }) => {
    if (!isPlainObject(value)) return;
    for (const [id, options] of Object.entries(value)) {
      if (isPlainObject(options)) continue;
      const message = 'must be an object of settings.';
      issues.push({ code: 'custom', path: [id], message, input: options });
    }
  });

const HOLDS_NUL =
  'holds the character NUL (\\0), which no process can be given. Remove it, or give the bytes as base64.';

/** What JSON and YAML cannot call, written there as in code, would be deployed as the text that it is. */
function callInWords(value: string): string | undefined {
  const [, name] = /^\s*(secret|env)\(\s*["'`].*\)\s*$/.exec(value) ?? [];
  if (name === 'secret') {
    return 'is a text that says secret(...), not a reference to a secret. Write { "$secret": "<name>" } in JSON and YAML, @secret("<name>") in a .tsk file, and in code the call without quotes around it.';
  }
  if (name === 'env') {
    return 'is a text that says env(...), not the variable. Write @env("<NAME>") in a .tsk file, and in code the call without quotes around it; JSON and YAML have nothing like it.';
  }
  return undefined;
}

const envValueSchema = z
  .union([z.string(), secretRefSchema], {
    error: 'a text (put numbers and switches in quotes) or a secret reference',
  })
  .check(({ value, issues }) => {
    if (typeof value !== 'string') return;
    const message = value.includes('\0') ? HOLDS_NUL : callInWords(value);
    if (message !== undefined) issues.push({ code: 'custom', message, input: value });
  });

const functionShape = {
  description: maybe(text(256)),
  handler: maybe(text(256)),
  signature: maybe(oneOf(['polyfaas', 'fetch', 'aws-lambda'])),
  handles: maybe(list(oneOf(HANDLES), `a list out of ${HANDLES.join(', ')}`)),
  runtime: maybe(obeying(text(64), runtimeNameProblem)),
  memoryMb: maybe(wholeNumber(64, 32_768)),
  timeoutSeconds: maybe(wholeNumber(1, 86_400)),
  env: maybe(
    z.record(ruled('a name', envNameProblem), envValueSchema, {
      error: 'an object of texts and secret references by name',
    }),
  ),
  events: maybe(list(eventSchema, 'a list of events')),
  minInstances: maybe(wholeNumber(0, 10_000)),
  maxInstances: maybe(wholeNumber(1, 10_000)),
  concurrency: maybe(wholeNumber(1, 1_000)),
  architecture: maybe(oneOf(['x86_64', 'arm64'])),
  async: maybe(asyncSchema),
  package: maybe(packageSchema),
  tracing: maybe(
    z.union([z.boolean(), strict({ sampleRate: maybe(numberBetween(0, 1)) }, 'tracing')], {
      error: 'true, false or { sampleRate }',
    }),
  ),
  keepVersions: maybe(wholeNumber(1, 100)),
  tags: maybe(
    z.record(
      ruled('a name', tagNameProblem),
      z.string({ error: 'a text' }).max(256, { error: 'a text of at most 256 characters' }),
      { error: 'an object of texts by name' },
    ),
  ),
  providerOptions: maybe(providerOptionsSchema),
};

const codeShape = {
  entry: maybe(text()),
  source: maybe(z.string({ error: 'the code itself, as a text' }).min(1, { error: 'some code' })),
  artifact: maybe(text()),
  image: maybe(text()),
};

const functionFields = strict({ ...functionShape, ...codeShape }, 'a function');

/** A function, as users declare it. */
export const functionSchema = functionFields.transform((spec, context): FunctionSpec => {
  const { entry, source, artifact, image, ...rest } = spec;
  const message = codeProblem(spec);
  if (message !== undefined) context.issues.push({ code: 'custom', message, input: spec });
  else if (entry !== undefined) return { ...rest, entry };
  else if (source !== undefined) return { ...rest, source };
  else if (artifact !== undefined) return { ...rest, artifact };
  else if (image !== undefined) return { ...rest, image };
  return z.NEVER;
});

const regionSchema = z.union([text(128), z.record(z.string(), text(128))], {
  error: 'a region, or an object of regions by provider',
});

const limitsSchema = strict(
  {
    parallelDeploys: maybe(wholeNumber(1, 64)),
    concurrentCalls: maybe(wholeNumber(1, 10_000)),
    maxAttempts: maybe(wholeNumber(1, 20)),
    attemptTimeoutSeconds: maybe(wholeNumber(1, 3_600)),
  },
  'limits',
);

const targetsSchema = z
  .array(ruled('the id of a provider', providerIdProblem), { error: 'a list of provider ids' })
  .min(2, { error: 'at least two providers; for one, use `provider`' })
  .max(8, { error: 'at most eight providers' })
  .check(({ value: ids, issues }) => {
    for (const [index, id] of ids.entries()) {
      const first = ids.indexOf(id);
      if (first === index || typeof id !== 'string') continue;
      const message = `is listed already, as targets[${first}]. Name each provider once.`;
      issues.push({ code: 'custom', path: [index], message, input: id });
    }
  })
  .readonly();

const failoverSchema = strict(
  {
    maxFailures: maybe(wholeNumber(1, 100)),
    recoverySeconds: maybe(wholeNumber(1, 3_600)),
  },
  'failover',
);

const functionName = ruled('a name', functionNameProblem);
const defaultsSchema = strict(functionShape, 'the defaults of functions');

const overlaySchema = strict(
  {
    provider: maybe(ruled('the id of a provider', providerIdProblem)),
    targets: maybe(targetsSchema),
    failover: maybe(failoverSchema),
    region: maybe(regionSchema),
    functions: maybe(
      z.record(functionName, functionFields, { error: 'an object of functions by name' }),
    ),
    defaults: maybe(defaultsSchema),
    limits: maybe(limitsSchema),
    providerOptions: maybe(providerOptionsSchema),
  },
  'an environment',
);

/** A whole configuration. */
export const configSchema = strict(
  {
    app: maybe(ruled('a text', appNameProblem)),
    stage: maybe(ruled('a text', stageNameProblem)),
    provider: maybe(ruled('the id of a provider', providerIdProblem)),
    targets: maybe(targetsSchema),
    failover: maybe(failoverSchema),
    region: maybe(regionSchema),
    functions: maybe(
      z.record(functionName, functionSchema, { error: 'an object of functions by name' }),
    ),
    environments: maybe(
      z.record(ruled('a name', stageNameProblem), overlaySchema, {
        error: 'an object of changes by stage',
      }),
    ),
    defaults: maybe(defaultsSchema),
    adapters: maybe(
      z.record(
        ruled('a name', adapterIdProblem),
        ruled('the name of a package', packageNameProblem),
        { error: 'an object of package names by provider id' },
      ),
    ),
    limits: maybe(limitsSchema),
    providerOptions: maybe(providerOptionsSchema),
    root: maybe(text(4_096)),
  },
  'the configuration',
);
