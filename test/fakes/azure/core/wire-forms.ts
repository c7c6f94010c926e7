/** How each plane says what has nothing to do with its operations: throttled, failed inside. */
import type { WireReply } from './ports.ts';
import { ArmFault } from './service.ts';

type Form = (status: number, code: string, message: string) => WireReply;

interface PlaneForm {
  readonly form: Form;
  readonly throttled: readonly [status: number, code: string, message: string];
  readonly failed: readonly [status: number, code: string, message: string];
}

/** `{"error":{"code","message"}}`: Resource Manager, Key Vault, Event Grid, Log Analytics. */
const json: Form = (status, code, message) => ({ status, body: { error: { code, message } } });

/** https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2 */
const storage: Form = (status, code, message) => ({
  status,
  headers: { 'content-type': 'application/xml', 'x-ms-error-code': code },
  body: `\uFEFF<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${escaped(message)}</Message></Error>`,
});

const serviceBus: Form = (status, _, message) => ({
  status,
  headers: { 'content-type': 'application/xml; charset=utf-8' },
  body: `<Error><Code>${status}</Code><Detail>${escaped(message)}</Detail></Error>`,
});

const text: Form = (status, _, message) => ({
  status,
  headers: { 'content-type': 'text/plain' },
  body: message,
});

const JSON_FORM: PlaneForm = {
  form: json,
  throttled: [
    429,
    'TooManyRequests',
    'The request is being throttled. Please try after 2 seconds.',
  ],
  failed: [500, 'InternalServerError', 'Encountered internal server error.'],
};

// Storage has no 429 for its data: it is busy then.
const STORAGE_FORM: PlaneForm = {
  form: storage,
  throttled: [503, 'ServerBusy', 'The server is busy.'],
  failed: [
    500,
    'InternalError',
    'The server encountered an internal error. Please retry the request.',
  ],
};

const TEXT_FORM: PlaneForm = {
  form: text,
  throttled: [429, '', 'Too Many Requests'],
  failed: [500, '', 'The page cannot be displayed because an internal server error has occurred.'],
};

const FORMS: Readonly<Record<string, PlaneForm>> = {
  arm: JSON_FORM,
  blob: STORAGE_FORM,
  queue: STORAGE_FORM,
  vault: {
    ...JSON_FORM,
    throttled: [
      429,
      'Throttled',
      'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached',
    ],
  },
  logs: { ...JSON_FORM, throttled: [429, 'ThrottledError', 'Too many requests.'] },
  eventGrid: JSON_FORM,
  serviceBus: {
    form: serviceBus,
    throttled: [429, '', 'The request was terminated because the entity is being throttled.'],
    failed: [500, '', 'The service was unable to process the request; please retry the operation.'],
  },
};

const RETRY_AFTER_SECONDS = '2';

/** What a plane answers instead of doing anything. Sites, which are many, answer in plain text. */
export function plainFault(plane: string, kind: 'throttled' | 'failed'): WireReply {
  const wire = FORMS[plane] ?? TEXT_FORM;
  const [status, code, message] = wire[kind];
  const reply = wire.form(status, code, message);
  if (kind === 'failed') return reply;
  return { ...reply, headers: { ...reply.headers, 'retry-after': RETRY_AFTER_SECONDS } };
}

/** The answer for what was thrown. An error that is no `ArmFault` is one of the fake itself, and is told loudly. */
export function faultReply(plane: string, error: unknown): WireReply {
  if (error instanceof ArmFault) {
    const { status, code, message, headers, fields } = error;
    return { status, headers, body: { error: { code, message, ...fields } } };
  }
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const { form } = FORMS[plane] ?? TEXT_FORM;
  return form(500, 'InternalServerError', `The fake failed: ${told}`);
}

function escaped(message: string): string {
  return message.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
