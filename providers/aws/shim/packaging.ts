/** How code is packaged for Lambda: a bundle, and a small file in front of it that Lambda loads. */
import { fileURLToPath } from 'node:url';
import type { PackagingProfile } from 'polyfaas/spi';
import { ENV } from '../envelope.ts';

/** What Lambda is told to load: `handler` of `index.mjs`. */
export const HANDLER = 'index.handler';

/** The bundle of the shim and the user's code. */
export const BUNDLE_FILE = 'polyfaas.mjs';

/** Names of the errors that the start of an instance fails with for want of a secret. */
export const SECRET_ERRORS = {
  /** There is no such entry, or not that version of it. */
  missing: 'PolyfaasSecretMissing',
  /** The function's role may not read it, which may be a matter of time after a deploy. */
  denied: 'PolyfaasSecretDenied',
  unreadable: 'PolyfaasSecretUnreadable',
} as const;

/**
 * Secrets are in the environment before any code of the user's is loaded. Without secrets the file does not wait for
 * anything, and with some of them it loads no more than it needs.
 */
const INDEX = `const secrets = process.env.${ENV.secrets};
if (secrets) await (await import('./polyfaas-secrets.mjs')).readSecrets(secrets);
export const { handler } = await import('./${BUNDLE_FILE}');
`;

// The SDK is the runtime's own: \`require\` finds it by NODE_PATH.
const SECRETS = `import { createRequire } from 'node:module';

export async function readSecrets(text) {
  const { SecretsManager } = createRequire(import.meta.url)('@aws-sdk/client-secrets-manager');
  const client = new SecretsManager({});
  const read = async ([variable, { name, version }]) => {
    let reply;
    try {
      reply = await client.getSecretValue({
        SecretId: name,
        ...(version === undefined ? {} : { VersionId: version }),
      });
    } catch (cause) {
      throw failure(variable, name, version, cause);
    }
    if (typeof reply.SecretString !== 'string') {
      throw named(
        '${SECRET_ERRORS.unreadable}',
        \`The secret "\${name}" \${placeOf(variable)} holds bytes; store a text in it.\`,
      );
    }
    process.env[variable] = reply.SecretString;
  };
  try {
    await Promise.all(Object.entries(JSON.parse(text)).map(read));
  } finally {
    client.destroy();
  }
}

function placeOf(variable) {
  return \`for functions.\${process.env.${ENV.function}}.env.\${variable}\`;
}

function failure(variable, name, version, cause) {
  const what = \`The secret "\${name}"\${version === undefined ? '' : \`, version \${version},\`}\`;
  const where = placeOf(variable);
  // Secrets Manager takes what is shorter than 32 characters for no id of a version at all.
  const isNoId = version !== undefined && ['InvalidParameterException', 'ValidationException'].includes(cause?.name);
  if (isNoId || (version !== undefined && cause?.name === 'ResourceNotFoundException')) {
    return named(
      '${SECRET_ERRORS.missing}',
      \`\${what} \${where} is not in AWS Secrets Manager in \${process.env.AWS_REGION}. Name a version by its id, as "aws secretsmanager list-secret-version-ids" tells it, or leave it out, then deploy again.\`,
    );
  }
  if (cause?.name === 'ResourceNotFoundException') {
    return named(
      '${SECRET_ERRORS.missing}',
      \`\${what} \${where} is not in AWS Secrets Manager in \${process.env.AWS_REGION}. Create it there, then deploy again.\`,
    );
  }
  if (cause?.name === 'AccessDeniedException') {
    return named(
      '${SECRET_ERRORS.denied}',
      \`\${what} \${where} may not be read by the function's role. Allow secretsmanager:GetSecretValue on it.\`,
    );
  }
  return named(
    '${SECRET_ERRORS.unreadable}',
    \`\${what} \${where} could not be read from AWS Secrets Manager: \${cause?.name ?? 'unknown error'}. See that it is not about to be deleted and that its key is in reach, then deploy again.\`,
  );
}

// Without the cause: what a service says of a secret is not for the log.
function named(name, message) {
  const error = new Error(message);
  error.name = name;
  return error;
}
`;

const SHIM_FILE = import.meta.url.endsWith('.ts') ? './index.ts' : './index.js';

/** @param target esbuild's word for the oldest Node runtime of Lambda that is supported. */
export function packagingProfile(
  limits: PackagingProfile['limits'],
  target = 'node22',
): PackagingProfile {
  return {
    format: 'esm',
    target,
    entryFile: BUNDLE_FILE,
    shim: {
      modulePath: fileURLToPath(new URL(SHIM_FILE, import.meta.url)),
      exports: ['handler'],
    },
    // Lambda's Node runtimes bring it along, and resolve imports of it too.
    external: ['@aws-sdk/*'],
    files: { 'index.mjs': INDEX, 'polyfaas-secrets.mjs': SECRETS },
    limits,
  };
}
