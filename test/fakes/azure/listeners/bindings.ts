/** What those who deliver events to sites share: triggers, their connections, host.json, and following restarts. */
export { resolveConnection } from './connection.ts';
export { offsetTime, zonelessTime } from './dotnet-time.ts';
export { countOf, hostOption, spanMs } from './host-config.ts';
export { hostTrace } from './host-trace.ts';
export { invokeWithRetry } from './retry.ts';
export { batchValue, messageValue, textList } from './trigger-value.ts';
export type { Trigger } from './triggers.ts';
export { watchSites } from './watch.ts';
