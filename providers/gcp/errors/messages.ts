/** Failures whose meaning only the text or the reason tells, true to what Google writes. */
import type { Classification } from 'polyfaas/spi';
import { classifyBuild } from './build.ts';
import type { RawError } from './read.ts';
import { permissionIn, roleWith } from './roles.ts';

interface Rule {
  /** Canonical codes that may carry it; all when absent. */
  readonly codes?: readonly string[];
  readonly text: RegExp;
  readonly means: (match: RegExpExecArray, raw: RawError) => Classification | undefined;
}

/** A new service account, or a new grant, is not known everywhere at once ("Access change propagation"). */
const SPREADING_MS = 5_000;
const BUSY_MS = 2_000;

const says = ({ message }: RawError): string => `Google says: ${message}`;

const RULES: readonly Rule[] = [
  {
    text: /requires a quota project/i,
    means: (_match, raw) => ({
      code: 'PERMISSION_DENIED',
      retryable: false,
      message: `Your own credentials name no project whose quota counts. Run \`gcloud auth application-default set-quota-project PROJECT\`, then the same operation again. ${says(raw)}`,
    }),
  },
  {
    text: /has not been used in project (\S+) before or it is disabled|API has not been enabled|is not enabled (?:for|on) (?:the )?project/i,
    means: apiDisabled,
  },
  {
    text: /requires billing to be enabled|billing (?:account|is) .*(?:disabled|closed|not (?:open|enabled))|billing to be enabled/i,
    means: billingDisabled,
  },
  {
    text: /permissions are propagated|was granted recently, it may take|granted (?:the )?(?:role|permission)s? recently|Retry in a few minutes/i,
    means: (_match, raw) => ({
      code: 'CONFLICT',
      retryable: true,
      retryAfterMs: SPREADING_MS,
      message: `A permission that was just given is not known everywhere yet, which takes Google up to some minutes. ${says(raw)}`,
    }),
  },
  {
    // `Service account x@p.iam.gserviceaccount.com does not exist.`: of a new one, as long as not everybody knows it.
    codes: ['INVALID_ARGUMENT', 'FAILED_PRECONDITION', 'PERMISSION_DENIED', 'ABORTED', 'INTERNAL'],
    text: /service ?account\b.*(?:does not exist|doesn['’]t exist|(?:was |were )?not found|could not be found|is invalid or does not exist)/i,
    means: (_match, raw) => ({
      code: 'CONFLICT',
      retryable: true,
      retryAfterMs: SPREADING_MS,
      message: `Google does not know a service account yet: a new one takes up to some minutes. One of your own in providerOptions.gcp.serviceAccount must exist. ${says(raw)}`,
    }),
  },
  {
    // `Permission denied on secret: projects/1/secrets/s/versions/1 for Revision service account x.`
    text: /Permission denied on secret: (?:\S*\/)?secrets\/([^/\s]+)\S* for Revision service account (\S+?)\.?(?:\s|$)/i,
    means: ([, secret = '', account = ''], raw) => ({
      code: 'PERMISSION_DENIED',
      retryable: false,
      message: `The service account ${account} may not read the secret "${secret}". Give it the role (\`gcloud secrets add-iam-policy-binding ${secret} --member=serviceAccount:${account} --role=roles/secretmanager.secretAccessor\`), then run the same operation again; a new grant takes up to some minutes. ${says(raw)}`,
    }),
  },
  {
    // Cloud Run: a tag or the traffic names what somebody deleted.
    text: /Revision '([\w-]+)' does not exist or is deleted/i,
    means: ([, revision = ''], raw) => ({
      code: 'CONFLICT',
      retryable: false,
      message: `The revision "${revision}" of a version that is kept was deleted by somebody else. Deploy again. ${says(raw)}`,
    }),
  },
  {
    // The settings of a function of ours; a secret of the user's is another matter.
    text: /Secret (?:Version \[)?\S*?secrets\/(polyfaas-[^/\s]+)\/versions\/\S+ (?:was not found|is in (?:DESTROYED|DISABLED) state|is disabled or destroyed)/i,
    means: ([, secret = ''], raw) => ({
      code: 'CONFLICT',
      retryable: false,
      message: `The settings of the function cannot be read: somebody destroyed or disabled the latest version of its secret "${secret}". Deploy with \`drift: 'full'\`, which writes them anew; add no version by hand. ${says(raw)}`,
    }),
  },
  {
    text: /Secret (\S+?)\/versions\/(\S+) was not found|Secret Version \[(\S+?)\/versions\/(\S+)\] not found/i,
    means: ([, first, version = '', second], raw) => {
      // Whoever asks for a version gets "not found" itself.
      if (first === undefined) return undefined;
      const name = first.split('/').pop() ?? second ?? '';
      return {
        code: 'INVALID_ARGUMENT',
        retryable: false,
        message: `The secret "${name}" has no version "${version}". Add one (\`gcloud secrets versions add ${name} --data-file=-\`), or correct the version. ${says(raw)}`,
      };
    },
  },
  {
    text: /Quota exceeded|quota metric|exceeded (?:the |your )?(?:\w+ )*quota/i,
    means: quota,
  },
  {
    codes: ['RESOURCE_EXHAUSTED'],
    text: /Maximum number of|limit (?:of \d+ )?(?:\S+ )*(?:has been |was )?(?:reached|exceeded)|too many/i,
    means: quota,
  },
  {
    text: /^/,
    means: (_match, raw) => (isBuildCode(raw) ? classifyBuild(raw.message) : undefined),
  },
  {
    text: /do not belong to a permitted customer|allowedPolicyMemberDomains|is not in permitted organization/i,
    means: (_match, raw) => ({
      code: 'PERMISSION_DENIED',
      retryable: false,
      message: `A policy of the organization forbids this member of an IAM policy. Where it is about anybody (allUsers): set providerOptions.gcp.httpAccess to "private", and call with an ID token; or ask for an exception from iam.allowedPolicyMemberDomains. ${says(raw)}`,
    }),
  },
  {
    text: /constraints?\/[\w.]+|org(?:anization)? policy/i,
    means: (_match, raw) => ({
      code: 'PERMISSION_DENIED',
      retryable: false,
      message: `A policy of the organization forbids this. Ask whoever keeps the policies, or choose other settings. ${says(raw)}`,
    }),
  },
  {
    codes: ['INVALID_ARGUMENT', 'FAILED_PRECONDITION', 'OUT_OF_RANGE'],
    text: /(?:invalid value (?:specified )?for )?(?:container )?(?:\bcpu\b|memory|available_?memory|available_?cpu).*(?:must be|not supported|at least|at most|between|less than|greater than|too)/i,
    means: (_match, raw) => ({
      code: 'INVALID_ARGUMENT',
      retryable: false,
      message: `memoryMb and providerOptions.gcp.cpu do not go together: more than 512 MB asks for 0.5 vCPU, more than 1024 MB or a concurrency above 1 for 1, more than 8192 MB for 4, more than 16384 MB for 8; 4 vCPUs need 2048 MB, 8 need 4096 MB. ${says(raw)}`,
    }),
  },
  {
    text: /locations?[ /]'?"?([a-z][\w-]*)'?"?[^.]*(?:\(or it may not exist\)|is not found or access is unauthorized|is not supported|does not exist|is invalid)|Unsupported location|Invalid location/i,
    means: (_match, raw) => {
      // Of what has a location in its name, a permission that is missing is told in the same words.
      if (raw.metadata['permission'] !== undefined || permissionIn(raw.message) !== undefined) {
        return undefined;
      }
      return {
        code: 'INVALID_ARGUMENT',
        retryable: false,
        message: `region: Google has no such region, or not for this project. \`gcloud functions regions list\` shows those that there are. ${says(raw)}`,
      };
    },
  },
  {
    codes: ['ALREADY_EXISTS', 'ABORTED', 'FAILED_PRECONDITION', 'RESOURCE_EXHAUSTED', 'CONFLICT'],
    text: /unable to queue the operation|operation (?:is )?(?:already )?in progress|(?:another|an) operation .*(?:in progress|running)|is being (?:created|updated|deleted|reconciled)|concurrent (?:policy changes|modification|update)|Conflict for resource/i,
    means: () => ({ code: 'CONFLICT', retryable: true, retryAfterMs: BUSY_MS }),
  },
  {
    // A writer was faster: Secret Manager, IAM, Cloud Run, each in its own words.
    codes: ['FAILED_PRECONDITION', 'ABORTED', 'INVALID_ARGUMENT'],
    text: /\be?tag\b.*(?:match|mismatch|current|stale)/i,
    means: () => ({ code: 'CONFLICT', retryable: true }),
  },
  {
    // Cloud Storage: names of buckets are the whole world's.
    text: /requested bucket name is not available/i,
    means: (_match, raw) => ({
      code: 'ALREADY_EXISTS',
      retryable: false,
      message: `The name of the bucket is taken: names of buckets are the whole world's. Choose another one. ${says(raw)}`,
    }),
  },
];

export function byMessage(raw: RawError): Classification | undefined {
  const byReason = BY_REASON[raw.reason]?.(raw);
  if (byReason) return byReason;
  for (const { codes, text, means } of RULES) {
    if (codes && !codes.includes(raw.code)) continue;
    const match = text.exec(raw.message);
    const found = match ? means(match, raw) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** By the reason of `google.rpc.ErrorInfo`. */
const BY_REASON: Readonly<Record<string, (raw: RawError) => Classification | undefined>> = {
  // The same reason stands for credentials without a project for their quota.
  SERVICE_DISABLED: (raw) =>
    /requires a quota project/i.test(raw.message) ? undefined : apiDisabled(null, raw),
  BILLING_DISABLED: (raw) => billingDisabled(null, raw),
  RATE_LIMIT_EXCEEDED: () => ({ code: 'RATE_LIMITED', retryable: true, didNotRun: true }),
};

function apiDisabled(match: RegExpExecArray | null, raw: RawError): Classification {
  const service =
    raw.metadata['service'] ??
    /apis\/api\/([\w.-]+)\/overview/.exec(raw.message)?.[1] ??
    /\b([a-z]+\.googleapis\.com)\b/.exec(raw.message)?.[1] ??
    'THE-API';
  const project =
    raw.metadata['consumer']?.replace(/^projects\//, '') ??
    match?.[1] ??
    /[?&]project=([\w-]+)/.exec(raw.message)?.[1] ??
    'PROJECT';
  return {
    code: 'PERMISSION_DENIED',
    retryable: false,
    message: `The API ${service} is switched off in the project ${project}. Run \`gcloud services enable ${service} --project ${project}\`, wait a minute, then run the same operation again.`,
  };
}

function billingDisabled(_match: RegExpExecArray | null, raw: RawError): Classification {
  return {
    code: 'PERMISSION_DENIED',
    retryable: false,
    message: `The project has no billing account that is open. Link one (\`gcloud billing projects link PROJECT --billing-account=ID\`), then run the same operation again. ${says(raw)}`,
  };
}

/** What is counted by the minute passes; what is counted in things does not. */
function quota(_match: RegExpExecArray, raw: RawError): Classification | undefined {
  if (raw.code === 'NOT_FOUND') return undefined;
  if (/per (?:minute|second|hour|day|\d+ seconds)|rate ?limit/i.test(raw.message)) {
    return { code: 'RATE_LIMITED', retryable: true, didNotRun: true };
  }
  return {
    code: 'QUOTA_EXCEEDED',
    retryable: false,
    message: `A quota of the project is used up. Ask for more (console, "IAM & Admin", "Quotas"), remove what is not needed, or choose another region. ${says(raw)}`,
  };
}

/** Of operations; a refusal of a request is none of a build. */
function isBuildCode({ code }: RawError): boolean {
  return code !== 'NOT_FOUND' && code !== 'UNAUTHENTICATED';
}

/** Names what is missing, and which role has it. */
export function denied(raw: RawError): string {
  const { message, metadata } = raw;
  const permission = metadata['permission'] ?? permissionIn(message);
  const said = message === '' ? '' : ` ${says(raw)}`;
  if (permission === undefined) {
    return `Google refused: the roles of the credentials in use do not allow it.${said}`;
  }
  const role = roleWith(permission) ?? 'a role that has it';
  return `Google refused: the credentials in use lack the permission ${permission}. Give them ${role} (\`gcloud projects add-iam-policy-binding PROJECT --member=MEMBER --role=${role.startsWith('roles/') ? role : 'ROLE'}\`); a new grant takes up to some minutes.${said}`;
}
