export { DAY_MS, DEFAULT_RECORD_LIMITS, createCallRecords } from './call-records.ts';
