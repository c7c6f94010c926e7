/**
 * "./http": what stands before a handler on platforms that reach it over HTTP: routes, cross-origin rules, tokens by JWKS
 * and limits, where they have no gateway of their own, and the signed route for direct calls. For authors of adapters; it
 * is bundled into the artifacts of their platforms, and needs Node.
 */
export { ANSWERS, type Answer, forbidden, methodNotAllowed, unauthorized } from './answers.ts';
export { type HttpClock, MACHINE_CLOCK } from './clock.ts';
export { CorsRules, type PreflightQuestion } from './cors.ts';
export { inTime, OverdueError } from './in-time.ts';
export { KeySet, KeysUnavailable } from './jwt/key-set.ts';
export { TokenVerifier, type TokenVerdict } from './jwt/token-verifier.ts';
export { normalTarget, pathOfTarget } from './request-target.ts';
export { RouteError } from './route-error.ts';
export { type RouteDeclaration, type RouteMatch, RouteTrie } from './route-trie.ts';
export {
  type CallAbout,
  createSite,
  type Site,
  type SiteParts,
  type SiteReply,
  type SiteRequest,
  type SiteRoute,
} from './site.ts';
export * from './direct/index.ts';
// What shims are made of whose platform hands over requests of Node's own server.
export { bareAnswer, errorAnswer, type ServerAnswer } from './node/answer.ts';
export {
  callInTime,
  callLineOf,
  type CallEnd,
  type CallLineFields,
  type CallOccasion,
} from './node/call-in-time.ts';
export { type EntryLines, takeOverCallConsole, withConsole } from './node/call-console.ts';
export { tellingOfEnds } from './node/ended-calls.ts';
export { getJson, type JsonAnswer, type JsonRequest } from './node/get-json.ts';
export { LineSink } from './node/line-sink.ts';
export { siteRequestOf, type IncomingRequest } from './node/request.ts';
export { serveRequest, type ServeParts } from './node/serve.ts';
export { Watchdog } from './node/watchdog.ts';
export { watched } from './node/watched.ts';
