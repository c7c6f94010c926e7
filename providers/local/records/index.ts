export { DEFAULT_RECORD_LIMITS, type RecordLimits, createCallRecords } from './call-records.ts';
