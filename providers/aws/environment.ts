/** The environment of a function: what users declare, and what is added. */
import type { FunctionRef, SecretRef, SpecIssue } from 'polyfaas/spi';
import { LAMBDA_ENV_BYTES } from './capabilities.ts';
import { ENV } from './envelope.ts';

/** Of `digestOf`. */
const DIGEST_LENGTH = 40;

type DeclaredEnv = Readonly<Record<string, string | SecretRef>>;

/** Lambda developer guide, "Defined runtime environment variables": those that cannot be set. */
const RESERVED =
  /^(?:_HANDLER|_X_AMZN_TRACE_ID|AWS_DEFAULT_REGION|AWS_REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_.*|AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR)$/;
/** An old name of the same, which some runtimes refuse. */
const DOUBTFUL = 'AWS_ACCESS_KEY';
/** Lambda API reference, `Environment`. */
const NAME = /^[a-zA-Z][a-zA-Z0-9_]+$/;

/** What a function's environment holds on the platform, before its digest is known. */
export function environmentOf(ref: FunctionRef, env: DeclaredEnv): Record<string, string> {
  const plain = Object.entries(env).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  const secrets = Object.entries(env).flatMap(([name, value]) =>
    typeof value === 'string' ? [] : [[name, secretEntry(value)] as const],
  );
  return {
    ...Object.fromEntries(plain),
    [ENV.app]: ref.app,
    [ENV.stage]: ref.stage,
    [ENV.function]: ref.name,
    ...(secrets.length === 0 ? {} : { [ENV.secrets]: JSON.stringify(Object.fromEntries(secrets)) }),
  };
}

/** The secrets that an environment refers to, each once, sorted by name. */
export function secretsOf(env: DeclaredEnv): readonly SecretRef[] {
  const byName = new Map<string, SecretRef>();
  for (const value of Object.values(env)) {
    if (typeof value !== 'string') byName.set(value.$secret, value);
  }
  return [...byName.values()].toSorted((a, b) => (a.$secret < b.$secret ? -1 : 1));
}

/** The same, of a deployed environment: from the variable that names them. */
export function secretsIn(text: string | undefined): readonly SecretRef[] {
  const names = Object.values(secretEntriesIn(text)).flatMap((entry: unknown) =>
    typeof entry === 'object' && entry !== null && 'name' in entry ? [String(entry.name)] : [],
  );
  return [...new Set(names)].toSorted().map(($secret) => ({ $secret }));
}

/** What {@link environmentOf} was made of: for plain variables their value, for others what names their secret. */
export function declaredIn(
  environment: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const own: ReadonlySet<string> = new Set(Object.values(ENV));
  return {
    ...Object.fromEntries(Object.entries(environment).filter(([name]) => !own.has(name))),
    ...secretEntriesIn(environment[ENV.secrets]),
  };
}

function secretEntriesIn(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function secretEntry({ $secret, version }: SecretRef): { name: string; version?: string } {
  return version === undefined ? { name: $secret } : { name: $secret, version };
}

/** What Lambda would refuse, or may. */
export function environmentIssues(ref: FunctionRef, env: DeclaredEnv): readonly SpecIssue[] {
  const { name } = ref;
  const issues = Object.keys(env).flatMap((key): readonly SpecIssue[] => {
    const path = `functions.${name}.env.${key}`;
    if (key.toUpperCase().startsWith('POLYFAAS_')) {
      return [
        { path, message: 'names that begin with POLYFAAS_ are reserved. Choose another name.' },
      ];
    }
    if (RESERVED.test(key)) {
      return [
        {
          path,
          message: `"${key}" is set by Lambda itself and cannot be chosen. Choose another name.`,
        },
      ];
    }
    if (!NAME.test(key)) {
      return [
        {
          path,
          message: `"${key}" is no name for Lambda. Use a letter, then at least one of letters, digits and "_".`,
        },
      ];
    }
    if (key === DOUBTFUL) {
      return [
        {
          path,
          message: `"${key}" is a name that Lambda keeps for credentials, and may refuse. Choose another name.`,
          warning: 'other',
        },
      ];
    }
    return [];
  });
  const bytes = measured(ref, env);
  if (bytes <= LAMBDA_ENV_BYTES) return issues;
  const secrets = Object.values(env).filter((value) => typeof value !== 'string').length;
  const own = `${measured(ref, {})} of them are variables of polyfaas`;
  const named = secrets === 0 ? own : `${own}, and each secret is there with its name`;
  return [
    ...issues,
    {
      path: `functions.${name}.env`,
      message: `${bytes} bytes as JSON, as Lambda measures them, and it takes at most ${LAMBDA_ENV_BYTES}. ${named}. Move large values to a file or a secret.`,
    },
  ];
}

/** In bytes of JSON, with quotes, commas and escapes: what is sent, but for the digest, whose length is always the same. */
function measured(ref: FunctionRef, env: DeclaredEnv): number {
  const all = { ...environmentOf(ref, env), [ENV.digest]: 'x'.repeat(DIGEST_LENGTH) };
  return Buffer.byteLength(JSON.stringify(all));
}
