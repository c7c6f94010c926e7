/** What those who deliver events to sites share: triggers, their connections, host.json, and following restarts. */
export { resolveConnection, type Connection } from './connection.ts';
export { countOf, hostOption, spanMs } from './host-config.ts';
export { hostTrace } from './host-trace.ts';
export { invokeWithRetry, type RetryPolicy } from './retry.ts';
export { triggersOf, type Trigger } from './triggers.ts';
export { watchSites, type ServedSite } from './watch.ts';
