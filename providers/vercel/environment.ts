/** The environment of a function: what users declare, as Vercel has it. */
import type { SecretRef, SpecIssue } from 'polyfaas/spi';
import { envText, versionName } from './fingerprint.ts';
import { ALL_ENV_BYTES, OWN_ENV_BYTES } from './limits.ts';
import { envVariable, VARIABLE } from './manifest.ts';
import { secretVariable } from './names.ts';

type DeclaredEnv = Readonly<Record<string, string | SecretRef>>;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/**
 * What Vercel and the runtime below it set or act on ("System environment variables", "Reserved environment variables"),
 * and what Node.js reads only when it starts.
 */
const RESERVED =
  /^(?:VERCEL|VERCEL_.*|NOW_.*|CRON_SECRET|AWS_EXECUTION_ENV|AWS_LAMBDA_.*|LAMBDA_.*|_HANDLER|PATH|HOME|NODE_OPTIONS|NODE_PATH|NODE_EXTRA_CA_CERTS)$/;
/** Of the project, and not of one function's secrets. */
const OWN_SECRETS = new RegExp(`^(?:POLYFAAS_.*|VERCEL|VERCEL_.*|${VARIABLE.cronSecret})$`, 'i');
/** "Environment variables", limits. */
const LONGEST_NAME = 256;

/** What Vercel would refuse, or change. */
export function environmentIssues(name: string, env: DeclaredEnv): readonly SpecIssue[] {
  const path = `functions.${name}.env`;
  const issues = Object.entries(env).flatMap(([key, value]): readonly SpecIssue[] => {
    const problem = nameProblem(key) ?? valueProblem(value);
    return problem === undefined ? [] : [{ path: `${path}.${key}`, message: problem }];
  });
  return [...issues, ...sizeIssues(path, env), ...collisions(path, env)];
}

function nameProblem(key: string): string | undefined {
  if (!NAME.test(key) || key.length > LONGEST_NAME) {
    return `"${key}" is no name of a variable: 1 to ${LONGEST_NAME} letters, digits and "_", and no digit first. Rename it.`;
  }
  if (key.toUpperCase().startsWith('POLYFAAS_')) {
    return 'names that begin with POLYFAAS_ are reserved. Choose another name.';
  }
  return RESERVED.test(key)
    ? `"${key}" is set or acted on by Vercel itself, or by Node.js when it starts. Choose another name.`
    : undefined;
}

function valueProblem(value: string | SecretRef): string | undefined {
  if (typeof value === 'string') return undefined;
  const { $secret, version } = value;
  const variable = secretVariable($secret);
  if ($secret === '' || variable.length > LONGEST_NAME || OWN_SECRETS.test(variable)) {
    return `"${$secret}" is "${variable}" among the variables of a project on Vercel, which is not free: 1 to ${LONGEST_NAME} characters, and not beginning with "VERCEL_" or "POLYFAAS_". Rename the secret.`;
  }
  if (version !== undefined && version !== 'latest') {
    return `"${version}" is no version of a secret on Vercel, whose variables have none: leave it out, or use "latest". Put the version into the secret's name instead.`;
  }
  return undefined;
}

/** Any version has as many characters. */
const ENV_NAME_BYTES = envVariable(versionName('0'.repeat(64))).length;

/** The plain variables are one variable, as JSON, and there are two of it while a version is deployed. */
function sizeIssues(path: string, env: DeclaredEnv): readonly SpecIssue[] {
  const plain = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  if (Object.keys(plain).length === 0) return [];
  const bytes = Buffer.byteLength(envText(plain));
  // How long the values of secrets are, only Vercel knows.
  const secrets = Object.values(env).flatMap((value) =>
    typeof value === 'string' ? [] : [secretVariable(value.$secret)],
  );
  const names = [...new Set(secrets)].join('').length;
  const most = Math.floor((ALL_ENV_BYTES - OWN_ENV_BYTES - names) / 2) - ENV_NAME_BYTES;
  if (bytes <= most) return [];
  return [
    {
      path,
      message: `the variables come to ${bytes} bytes as JSON, and at most ${most} fit: all variables of a deployment have 64 KB, with the names of secrets and what polyfaas adds, and those of two versions are there at once while one is deployed. Put large values into the code or a store.`,
    },
  ];
}

/** Two names of secrets that come out the same on Vercel. */
function collisions(path: string, env: DeclaredEnv): readonly SpecIssue[] {
  const given = new Map<string, string>();
  return Object.entries(env).flatMap(([key, value]): readonly SpecIssue[] => {
    if (typeof value === 'string') return [];
    const variable = secretVariable(value.$secret);
    const other = given.get(variable);
    given.set(variable, value.$secret);
    if (other === undefined || other === value.$secret) return [];
    return [
      {
        path: `${path}.${key}`,
        message: `"${value.$secret}" and "${other}" are both "${variable}" among the variables of a project. Rename one of them.`,
      },
    ];
  });
}
