/** What runs inside the platform. Bundled into every artifact, so: tiny, and without dependencies. */
export * from './json.types.ts';
export * from './events.ts';
export * from './context.ts';
export * from './define-function.ts';
export * from './shim.ts';
// For authors of adapters: what their shims are made of.
export { asksAgain, isQueueResult } from './batch-result.ts';
export { bindHandler, type BindOptions } from './bind.ts';
export { HandlerContractError } from './contract-error.ts';
export { deserializeError, serializeError, type SerializedError } from './error.ts';
export {
  decodeText,
  type Fields,
  fieldsOf,
  isFields,
  jsonObjectOf,
  jsonOf,
  listOf,
  textOf,
  textsOf,
  timeOf,
} from './foreign.ts';
export type { InputOf, JsonArrived, OutputOf } from './io-of.types.ts';
export type { JsonProblem, JsonReceived, NotJson } from './json-problem.types.ts';
export {
  JsonEncodeError,
  jsonByteLength,
  MAX_JSON_DEPTH,
  type MeasuredJson,
  measuredJson,
  toJson,
} from './json.ts';
export { createRequest, prepareRequests, type RequestParts } from './light-request.ts';
export { prepareResponses } from './light-response.ts';
export { matchAttributes } from './match-attributes.ts';
export {
  checkPattern,
  matchPattern,
  type EventPattern,
  type MatchedEvent,
  type PatternIssue,
} from './match-pattern.ts';
export {
  type AsyncDestination,
  deadLetterOf,
  MESSAGE_MARK,
  type MessageEnvelope,
  type MessageHead,
  messageHeadOf,
} from './message-envelope.ts';
export { nativeAnswerOf } from './signatures/aws-lambda/native-answer.ts';
export { piecesOfLines } from './pieces-of-lines.ts';
export { takeOverConsole } from './take-over-console.ts';
export { retryDelaySeconds, type DelayPolicy } from './retry-delay.ts';
export { readResponse, type ResponseParts } from './read-response.ts';
export {
  childTrace,
  formatTraceparent,
  parseTraceparent,
  readTraceContext,
  startTrace,
  type TraceParent,
} from './trace.ts';
