/** The environment of a function: what users declare, as Google takes it. */
import type { JsonObject, SecretRef, SpecIssue } from 'polyfaas/spi';

type DeclaredEnv = Readonly<Record<string, string | SecretRef>>;

/**
 * What Cloud Run sets by itself or acts on ("Environment variables for services": reserved for functions), and what its
 * Node.js runtime and Google's own libraries go by.
 */
const RESERVED =
  /^(?:FUNCTION_TARGET|FUNCTION_SIGNATURE_TYPE|FUNCTION_SOURCE|LOG_EXECUTION_ID|K_[A-Z]+|PORT|HOME|PATH|NODE_OPTIONS|CLOUD_RUN_.*|X_GOOGLE_.*)$/;

/** Variables of the declaration and ours: Cloud Run takes at most 1000. */
const MAX_VARIABLES = 999;

/** Secret Manager: 1 to 255 of letters, digits, dashes and underscores. */
const SECRET_ID = /^[A-Za-z0-9_-]{1,255}$/;
/** `projects/p/secrets/s` */
const FULL_SECRET = /^projects\/([^/]+)\/secrets\/([A-Za-z0-9_-]{1,255})$/;

/** The plain variables. */
export function plainVariables(env: DeclaredEnv): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** A variable that holds a secret, as Cloud Functions takes it. */
export interface SecretVariable {
  readonly key: string;
  readonly projectId: string;
  /** Its id, without the project. */
  readonly secret: string;
  /** A number; `latest` is read when an instance starts, as a reference without a version promises. */
  readonly version: string;
}

/** As a function that was built shows it. */
export function shownEnv(env: DeclaredEnv): Readonly<Record<string, unknown>> {
  const secrets = secretVariables(env, '').map(
    ({ key, secret, version }) => [key, { secret, version }] as const,
  );
  return { ...plainVariables(env), ...Object.fromEntries(secrets) };
}

/** Sorted by their names. */
export function secretVariables(env: DeclaredEnv, projectId: string): readonly SecretVariable[] {
  return Object.entries(env)
    .flatMap(([key, value]): readonly SecretVariable[] => {
      if (typeof value === 'string') return [];
      return [{ key, ...secretOf(value.$secret, projectId), version: value.version ?? 'latest' }];
    })
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** The full names of the secrets that an environment refers to: `projects/p/secrets/s`. Sorted, each once. */
export function secretNames(env: DeclaredEnv, projectId: string): readonly string[] {
  const names = secretVariables(env, projectId).map(
    (one) => `projects/${one.projectId}/secrets/${one.secret}`,
  );
  return [...new Set(names)].toSorted();
}

/** Secret Manager takes letters, digits, dashes and underscores: of `orders/db` it is `orders-db`. */
export function secretOf(
  name: string,
  projectId: string,
): { readonly projectId: string; readonly secret: string } {
  const full = FULL_SECRET.exec(name);
  if (full) return { projectId: full[1] ?? projectId, secret: full[2] ?? '' };
  return { projectId, secret: name.replaceAll(/[/.]/g, '-') };
}

/** JSON for the wish of a function. */
export function secretJson(variables: readonly SecretVariable[]): JsonObject[] {
  return variables.map((one) => ({ ...one }));
}

/** What Google would refuse, or change. */
export function environmentIssues(name: string, env: DeclaredEnv): readonly SpecIssue[] {
  const path = `functions.${name}.env`;
  const issues = Object.entries(env).flatMap(([key, value]): readonly SpecIssue[] => {
    const problem = nameProblem(key) ?? valueProblem(value);
    return problem === undefined ? [] : [{ path: `${path}.${key}`, message: problem }];
  });
  const count = Object.keys(env).length;
  if (count > MAX_VARIABLES) {
    issues.push({
      path,
      message: `${count} variables are more than the ${MAX_VARIABLES} that Cloud Run has room for. Put some of them into one.`,
    });
  }
  return [...issues, ...collisions(path, env)];
}

/** Why no user's variable may be called so. */
export function nameProblem(key: string): string | undefined {
  if (key.toUpperCase().startsWith('POLYFAAS_')) {
    return 'names that begin with POLYFAAS_ are reserved. Choose another name.';
  }
  return RESERVED.test(key)
    ? `"${key}" is set or acted on by Google Cloud itself. Choose another name.`
    : undefined;
}

function valueProblem(value: string | SecretRef): string | undefined {
  if (typeof value === 'string') return undefined;
  const { $secret, version } = value;
  if (!SECRET_ID.test(secretOf($secret, '').secret)) {
    return `"${$secret}" is no name for Secret Manager: 1 to 255 letters, digits, "-" and "_"; "/" and "." become dashes. A full name is "projects/p/secrets/s".`;
  }
  if (version !== undefined && version !== 'latest' && !/^[1-9]\d*$/.test(version)) {
    return `"${version}" is no version of a secret: use its number, or "latest".`;
  }
  return undefined;
}

/** Two names of secrets that come out the same in Secret Manager. */
function collisions(path: string, env: DeclaredEnv): readonly SpecIssue[] {
  const given = new Map<string, string>();
  return Object.entries(env).flatMap(([key, value]): readonly SpecIssue[] => {
    if (typeof value === 'string') return [];
    const { projectId, secret } = secretOf(value.$secret, '');
    const name = `${projectId}/${secret}`;
    const other = given.get(name);
    given.set(name, value.$secret);
    if (other === undefined || other === value.$secret) return [];
    return [
      {
        path: `${path}.${key}`,
        message: `"${value.$secret}" and "${other}" are both "${secret}" in Secret Manager. Rename one of them.`,
      },
    ];
  });
}
