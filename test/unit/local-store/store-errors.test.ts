import { describe, expect, it } from 'vitest';
import { classifyStoreError } from '../../../providers/local/store/index.ts';

const sqlite = (errcode: number) =>
  Object.assign(new Error('raw'), { code: 'ERR_SQLITE_ERROR', errcode });

describe('classifyStoreError', () => {
  it.each([
    ['SQLITE_FULL', sqlite(13), 'QUOTA_EXCEEDED', true],
    ['SQLITE_BUSY', sqlite(5), 'UNAVAILABLE', true],
    ['SQLITE_BUSY_SNAPSHOT', sqlite(517), 'UNAVAILABLE', true],
    ['SQLITE_CORRUPT', sqlite(11), 'UNAVAILABLE', false],
    ['SQLITE_CORRUPT_INDEX', sqlite(779), 'UNAVAILABLE', false],
    ['SQLITE_NOTADB', sqlite(26), 'UNAVAILABLE', false],
    ['SQLITE_READONLY', sqlite(8), 'PERMISSION_DENIED', false],
    ['SQLITE_CANTOPEN', sqlite(14), 'PERMISSION_DENIED', false],
    ['SQLITE_TOOBIG', sqlite(18), 'PAYLOAD_TOO_LARGE', false],
    ['SQLITE_IOERR_FSYNC', sqlite(1034), 'UNAVAILABLE', true],
    ['SQLITE_CONSTRAINT', sqlite(19), 'UNKNOWN', false],
    ['ENOSPC', Object.assign(new Error('raw'), { code: 'ENOSPC' }), 'QUOTA_EXCEEDED', true],
    ['EDQUOT', Object.assign(new Error('raw'), { code: 'EDQUOT' }), 'QUOTA_EXCEEDED', true],
    ['EACCES', Object.assign(new Error('raw'), { code: 'EACCES' }), 'PERMISSION_DENIED', false],
    ['EROFS', Object.assign(new Error('raw'), { code: 'EROFS' }), 'PERMISSION_DENIED', false],
  ])('%s', (_name, error, code, retryable) => {
    expect(classifyStoreError(error)).toMatchObject({ code, retryable });
  });

  it.each([[new TypeError('ours')], [undefined], [null], ['text'], [{ code: 'toString' }]])(
    'leaves %s alone',
    (error) => {
      expect(classifyStoreError(error)).toBeUndefined();
    },
  );
});
