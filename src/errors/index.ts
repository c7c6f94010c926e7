export { ERROR_CODES, type ErrorCode } from './codes.ts';
export { ServerlessError, type ServerlessErrorInit } from './serverless-error.ts';
