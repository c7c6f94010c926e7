/** Failures whose meaning only the text tells, true to what Azure writes. */
import type { Classification } from 'polyfaas/spi';

interface Reading {
  readonly code: string;
  readonly message: string;
  readonly status: number | undefined;
}

interface Rule {
  /** Codes, in lower case, that may carry it; all when absent. */
  readonly codes?: readonly string[];
  readonly text: RegExp;
  readonly means: (match: RegExpExecArray, reading: Reading) => Classification;
}

const RULES: readonly Rule[] = [
  {
    // App Service: `Website with given name {0} already exists.`
    text: /Website with given name (\S+) already exists/i,
    means: ([, name = '']) => ({
      code: 'ALREADY_EXISTS',
      retryable: false,
      message: `The name "${name}" of the function app is taken: names of function apps are the whole world's. Choose another one in providerOptions.azure.siteNames.`,
    }),
  },
  {
    codes: ['storageaccountalreadytaken', 'storageaccountalreadyexists'],
    text: /storage account named (\S+) is already taken|storage account named (\S+)/i,
    means: ([, first, second]) => ({
      code: 'ALREADY_EXISTS',
      retryable: false,
      message: `The name "${first ?? second ?? ''}" of the storage account is taken: names of storage accounts are the whole world's. Name one of your own in providerOptions.azure.storageAccount.`,
    }),
  },
  {
    text: /collision for Host ID '([^']+)'/i,
    means: ([, id = '']) => ({
      code: 'CONFLICT',
      retryable: false,
      message: `Two function apps with the host id "${id}" work with one storage account, and the Functions host refuses to start. Give each an account of its own: leave providerOptions.azure.storageAccount out.`,
    }),
  },
  {
    text: /(?:FlexConsumption|Flex Consumption)[^.]*(?:not (?:available|supported)|isn't available)|(?:not (?:available|supported))[^.]*(?:FlexConsumption|Flex Consumption)/i,
    means: (_match, { message }) => ({
      code: 'INVALID_ARGUMENT',
      retryable: false,
      message: `This region has no Flex Consumption plan. \`az functionapp list-flexconsumption-locations\` lists those that have one; choose another \`region\`, or set providerOptions.azure.plan to "premium" or "consumption". Azure says: ${message}`,
    }),
  },
  {
    codes: ['locationnotavailableforresourcegroup', 'locationnotavailableforresourcetype'],
    text: /location '([^']*)'/i,
    means: ([, location = ''], { message }) => ({
      code: 'INVALID_ARGUMENT',
      retryable: false,
      message: `region: "${location}" is no region that the subscription may use, or that has what the function stands on. Choose another \`region\`. Azure says: ${message}`,
    }),
  },
  {
    text: /InstanceMemoryMB/i,
    means: (_match, { message }) => ({
      code: 'INVALID_ARGUMENT',
      retryable: false,
      message: `memoryMb: Flex Consumption has instances of 512, 2048 and 4096 MB. Azure says: ${message}`,
    }),
  },
  {
    codes: ['missingsubscriptionregistration', 'subscriptionnotregistered'],
    text: /^/,
    means: (_match, { message }) => {
      const name = /\bMicrosoft\.\w+/.exec(message)?.[0] ?? 'Microsoft.Web';
      return {
        code: 'PERMISSION_DENIED',
        retryable: false,
        message: `The subscription has not registered "${name}". Run \`az provider register --namespace ${name} --wait\`, then the same operation again.`,
      };
    },
  },
  {
    text: /cannot modify this (?:site|web hosting plan|resource)? ?because another operation is in progress|another operation is in progress|deployment (?:currently )?in progress|is currently (?:being )?(?:updat|delet|creat)/i,
    means: () => ({ code: 'CONFLICT', retryable: true, retryAfterMs: 2_000 }),
  },
  {
    // `This region has quota of 0 instances for your subscription.`
    text: /quota of (\d+) \w+|(?:additional|more) quota|over quota|exceed(?:s|ed|ing)? (?:the |your )?(?:\w+ )*quota|InstanceCount.*quota/i,
    means: (_match, { message }) => ({
      code: 'QUOTA_EXCEEDED',
      retryable: false,
      message: `A quota of the subscription in this region is used up. Ask for more in the portal (Quotas), or choose another region. Azure says: ${message}`,
    }),
  },
  {
    codes: ['conflict', 'roleassignmentexists'],
    text: /already (?:exists|in use)/i,
    means: () => ({ code: 'ALREADY_EXISTS', retryable: false }),
  },
  {
    // App Service asks the host for its keys, which is starting or restarting.
    text: /\((\w+)\) from host runtime|Encountered an error .* host runtime/i,
    means: () => ({
      code: 'UNAVAILABLE',
      retryable: true,
      message: 'The host of the function is starting. Try again in a moment.',
    }),
  },
  {
    codes: ['badrequest'],
    text: /Server farm with name (\S+) cannot be deleted because it has web app\(?s?\)?/i,
    means: () => ({ code: 'CONFLICT', retryable: true, retryAfterMs: 2_000 }),
  },
  {
    codes: ['conflict'],
    text: /Server farm '?(\S+?)'? cannot be deleted because it has web app/i,
    means: () => ({ code: 'CONFLICT', retryable: true, retryAfterMs: 2_000 }),
  },
];

export function byMessage(reading: Reading): Classification | undefined {
  const code = reading.code.toLowerCase();
  for (const { codes, text, means } of RULES) {
    if (codes && !codes.includes(code)) continue;
    const match = text.exec(reading.message);
    if (match) return means(match, reading);
  }
  return undefined;
}

/** Names what is missing: `... does not have authorization to perform action 'x' over scope 'y' ...`. */
export function denied({ code, message }: Pick<Reading, 'code' | 'message'>): string {
  const action = /perform action '([^']+)'/.exec(message)?.[1];
  const scope = /over scope '([^']+)'/.exec(message)?.[1];
  if (action !== undefined) {
    const role = /Microsoft\.Authorization\/role/i.test(action)
      ? '"Role Based Access Control Administrator"'
      : '"Contributor"';
    const where = scope === undefined ? '' : ` on ${scope}`;
    return `Azure refused ${action}: the credential in use lacks it. Assign ${role}${where} to it (\`az role assignment create\`), or use another credential; a new assignment takes some minutes.`;
  }
  if (/^Authorization(?:PermissionMismatch|Failure)$/i.test(code)) {
    return 'Azure Storage refused: the credential in use has no role for the data. Assign "Storage Blob Data Contributor" and "Storage Queue Data Contributor" on the resource group to it (`az role assignment create`); being owner of the account is not enough, and a new assignment takes some minutes.';
  }
  const said = message === '' ? '' : ` Azure says: ${message}`;
  return `Azure refused: the roles of the credential in use do not allow it.${said}`;
}
