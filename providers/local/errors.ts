/** What raw errors of this provider mean: those of the file system, of SQLite, and of sockets. */
import type { Classification } from 'polyfaas/spi';
import { classifyStoreError } from './store/index.ts';

const BY_CODE: Readonly<Record<string, Classification>> = {
  ENOSPC: {
    code: 'QUOTA_EXCEEDED',
    retryable: false,
    message:
      'The disk that holds the state folder is full. Make room, then run the same operation again; nothing that was accepted is lost.',
  },
  EDQUOT: {
    code: 'QUOTA_EXCEEDED',
    retryable: false,
    message:
      'The disk quota of the state folder is used up. Make room, then run the same operation again.',
  },
  EACCES: {
    code: 'PERMISSION_DENIED',
    retryable: false,
    message:
      'The state folder cannot be written. Give this user the right, or set providerOptions.local.stateFolder to another folder.',
  },
  EPERM: {
    code: 'PERMISSION_DENIED',
    retryable: false,
    message: 'The system refused a file operation in the state folder. Check who owns it.',
  },
  EROFS: {
    code: 'PERMISSION_DENIED',
    retryable: false,
    message:
      'The state folder is on a read-only disk. Set providerOptions.local.stateFolder to another folder.',
  },
  EADDRINUSE: {
    code: 'CONFLICT',
    retryable: false,
    message:
      'The gateway port is in use. Set providerOptions.local.port to another port, or to 0 for any free one.',
  },
  EMFILE: {
    code: 'QUOTA_EXCEEDED',
    retryable: true,
    message: 'Too many open files. Raise the limit (ulimit -n), or lower maxInstances.',
  },
};

export function classify(cause: unknown): Classification {
  const code =
    typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  return BY_CODE[code] ?? classifyStoreError(cause) ?? { code: 'UNKNOWN', retryable: false };
}
