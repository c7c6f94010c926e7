import { ServerlessError } from 'polyfaas/spi';
import type { Classification } from 'polyfaas/spi';

/** SQLite's primary result codes that mean something to a user. */
const BY_SQLITE_CODE: Readonly<Record<number, Classification>> = {
  3: denied('The state file may not be used by this user.'),
  5: {
    code: 'UNAVAILABLE',
    retryable: true,
    retryAfterMs: 250,
    message: 'Another program holds the state file. Close programs that have it open.',
  },
  6: { code: 'UNAVAILABLE', retryable: true, retryAfterMs: 250 },
  7: { code: 'QUOTA_EXCEEDED', retryable: true, message: 'There is not enough memory.' },
  8: denied('The state file cannot be written.'),
  10: {
    code: 'UNAVAILABLE',
    retryable: true,
    message: 'The disk answered with an error. Check the disk and the file system.',
  },
  11: damaged(),
  13: full(),
  14: denied('The state file cannot be opened.'),
  18: { code: 'PAYLOAD_TOO_LARGE', retryable: false, message: 'The value is too large to store.' },
  26: damaged(),
};

const BY_SYSTEM_CODE: Readonly<Record<string, Classification>> = {
  ENOSPC: full(),
  EDQUOT: full(),
  EFBIG: full(),
  EACCES: denied('The state folder cannot be used.'),
  EPERM: denied('The state folder cannot be used.'),
  EROFS: denied('The state folder is on a read-only file system.'),
  ENOTDIR: {
    code: 'INVALID_ARGUMENT',
    retryable: false,
    message: 'A part of the path of the state folder is a file. Choose another folder.',
  },
  EEXIST: {
    code: 'INVALID_ARGUMENT',
    retryable: false,
    message: 'The state folder is a file. Choose another folder.',
  },
  EISDIR: {
    code: 'UNAVAILABLE',
    retryable: false,
    message: 'What has to be a file of the state folder is a folder. Move it aside.',
  },
  ENOENT: {
    code: 'UNAVAILABLE',
    retryable: false,
    message:
      'A file of the state folder, or the folder, is missing. Delete or move them only when no manager uses the folder.',
  },
  ENAMETOOLONG: {
    code: 'INVALID_ARGUMENT',
    retryable: false,
    message: 'The path of the state folder is too long. Choose another folder.',
  },
  ELOOP: {
    code: 'INVALID_ARGUMENT',
    retryable: false,
    message: 'The path of the state folder leads through links in a circle. Choose another folder.',
  },
  EMFILE: { code: 'QUOTA_EXCEEDED', retryable: true, message: 'Too many files are open.' },
  ENFILE: { code: 'QUOTA_EXCEEDED', retryable: true, message: 'Too many files are open.' },
  ERR_INVALID_STATE: {
    code: 'UNAVAILABLE',
    retryable: false,
    message: 'The state folder was closed. Make a new manager.',
  },
  EIO: {
    code: 'UNAVAILABLE',
    retryable: true,
    message: 'The disk answered with an error. Check the disk and the file system.',
  },
};

function full(): Classification {
  return {
    code: 'QUOTA_EXCEEDED',
    retryable: true,
    message: 'The disk is full. What was accepted before is kept. Free some space and repeat.',
  };
}

function damaged(): Classification {
  return {
    code: 'UNAVAILABLE',
    retryable: false,
    message:
      'The state file is damaged. Move it aside (with its -wal and -shm files) to begin anew, or put a backup in its place.',
  };
}

function denied(what: string): Classification {
  return {
    code: 'PERMISSION_DENIED',
    retryable: false,
    message: `${what} Check its owner and its permissions.`,
  };
}

/**
 * What an error of SQLite or of the file system means. Pure.
 * Undefined for everything else: errors of other code pass through unchanged.
 */
export function classifyStoreError(cause: unknown): Classification | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined;
  const { code } = cause;
  if (code === 'ERR_SQLITE_ERROR') {
    const errcode = 'errcode' in cause && typeof cause.errcode === 'number' ? cause.errcode : 1;
    // The low byte is the primary code; the rest says more about it.
    return BY_SQLITE_CODE[errcode & 0xff] ?? { code: 'UNKNOWN', retryable: false };
  }
  return typeof code === 'string' && Object.hasOwn(BY_SYSTEM_CODE, code)
    ? BY_SYSTEM_CODE[code]
    : undefined;
}

/** Wraps errors of the store once; hands back everything else as it is. */
export function toStoreError(cause: unknown, path: string): unknown {
  if (ServerlessError.isInstance(cause)) return cause;
  const classification = classifyStoreError(cause);
  if (classification === undefined) return cause;
  const raw = cause instanceof Error ? cause.message : String(cause);
  return new ServerlessError({
    code: classification.code,
    retryable: classification.retryable,
    retryAfterMs: classification.retryAfterMs,
    provider: 'local',
    message: `${classification.message ?? 'The state file could not be used.'} (${path}: ${raw})`,
    cause,
  });
}
