/** Failures that more than their code tells of: who asks, what the plan has, and what the text says. */
import { redact, type Classification } from 'polyfaas/spi';
import type { RawError } from './read.ts';

/** Who made the call, or what the account may have. */
export function byAccount(raw: RawError): Classification | undefined {
  const { status, reason } = raw;
  if (reason === 'missingToken' || reason === 'invalidToken' || status === 401) {
    return {
      code: 'UNAUTHENTICATED',
      retryable: false,
      message: `Vercel did not take the access token: it is missing, has ended, or was deleted. Make one (vercel.com/account/settings/tokens), and set the variable VERCEL_TOKEN, or providerOptions.vercel.token.${says(raw)}`,
    };
  }
  if (reason === 'saml') {
    return {
      code: 'UNAUTHENTICATED',
      retryable: false,
      message: `The team asks for a sign-in by SAML, which the access token was made without. Sign in to the team at vercel.com, and make a token whose scope is the team.${says(raw)}`,
    };
  }
  if (status === 403 && (reason === 'scope' || /\bscope\b|\bteam\b/i.test(raw.message))) {
    return {
      code: 'PERMISSION_DENIED',
      retryable: false,
      message: `The access token is not for this team, or its owner is not in it. Check providerOptions.vercel.team (or the variables VERCEL_TEAM_ID and VERCEL_ORG_ID), or make a token whose scope is the team.${says(raw)}`,
    };
  }
  if (status === 402) return beyondPlan(raw);
  return undefined;
}

interface Rule {
  readonly text: RegExp;
  readonly means: (raw: RawError) => Classification;
}

/** Of answers of 400 to 499, but for those of too many requests. */
const RULES: readonly Rule[] = [
  {
    // `Resource is limited - try again in 24 hours (more than 100, code: "api-deployments-free-per-day").`
    text: /resource is limited|upgrade (?:to|your)|(?:your|current|hobby|pro) plan|limited to daily cron jobs|limit of \d+ (?:projects|cron jobs|deployments)/i,
    means: beyondPlan,
  },
  {
    // `A variable with the name X already exists for the target ...`; `Project "x" already exists, please use a new name.`
    text: /already exists|already in use by/i,
    means: () => ({ code: 'ALREADY_EXISTS', retryable: false }),
  },
  {
    text: /\bin progress\b|being (?:promoted|rolled back|deleted)|try again (?:later|when)/i,
    means: () => ({ code: 'CONFLICT', retryable: true, retryAfterMs: 2_000 }),
  },
  {
    text: /\bmaxDuration\b/i,
    means: (raw) => ({
      code: 'INVALID_ARGUMENT',
      retryable: false,
      message: `timeoutSeconds: the plan of the account does not have so long a duration (Hobby 300 s, Pro and Enterprise 800 s, in beta 1800 s). Lower it, or change the plan.${says(raw)}`,
    }),
  },
  {
    text: /\bmemory\b/i,
    means: (raw) => ({
      code: 'INVALID_ARGUMENT',
      retryable: false,
      message: `memoryMb: the plan of the account does not have so much memory (Hobby 2048 MB, Pro 4096 MB, Enterprise 10240 MB). Lower it, or change the plan.${says(raw)}`,
    }),
  },
  {
    text: /\bregions?\b/i,
    means: (raw) => ({
      code: 'INVALID_ARGUMENT',
      retryable: false,
      message: `region, or providerOptions.vercel.regions: Vercel refused it. Hobby runs functions in one region; names of regions are like "fra1".${says(raw)}`,
    }),
  },
];

export function byMessage(raw: RawError): Classification | undefined {
  const { status, message } = raw;
  if (status === undefined || status < 400 || status >= 500 || status === 429) return undefined;
  if (status === 404 || status === 413) return undefined;
  return RULES.find(({ text }) => text.test(message))?.means(raw);
}

export function denied(raw: RawError): Classification {
  return {
    code: 'PERMISSION_DENIED',
    retryable: false,
    message: `Vercel refused: the access token may not do this. Its owner needs the role Developer or more in the team, and the token the team as its scope (providerOptions.vercel.team).${says(raw)}`,
  };
}

function beyondPlan(raw: RawError): Classification {
  return {
    code: 'QUOTA_EXCEEDED',
    retryable: false,
    message: `The plan of the account does not have this, or what it has is used up. Wait until the limit is reset, remove what is not needed, or change the plan (vercel.com/pricing).${says(raw)}`,
  };
}

/** What is quoted may quote a credential. */
function says({ message }: RawError): string {
  return message === '' ? '' : ` Vercel says: ${redact(message)}`;
}
