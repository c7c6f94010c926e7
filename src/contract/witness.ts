/** The witness: an HTTP collector that deployed fixtures report to, and that tells them how to answer. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type {
  BusEvent,
  ObjectEvent,
  QueueBatch,
  ScheduleTick,
  StreamBatch,
  TableBatch,
  TopicMessage,
} from '../function/events.ts';
import type { JsonObject, JsonValue } from '../function/json.types.ts';
import { createIssuer, type TokenOptions } from './issuer.ts';

/** What each kind of report holds. */
export interface ReportEvents {
  readonly invoke: JsonValue;
  readonly aborted: JsonValue;
  readonly http: { readonly path: string };
  readonly 'stream-page': null;
  readonly schedule: ScheduleTick;
  readonly queue: QueueBatch;
  readonly topic: TopicMessage;
  readonly object: ObjectEvent;
  readonly stream: StreamBatch;
  readonly table: TableBatch;
  readonly bus: BusEvent;
  /** Events of the Lambda fixture that are no queue's. */
  readonly other: JsonObject;
}

/** What a fixture reports: a handler kind, or one of its own remarks. */
export type ReportKind = keyof ReportEvents;

/** One report, as the fixture sent it before it settled. */
export interface Report<Kind extends ReportKind = ReportKind> {
  readonly kind: Kind;
  readonly app: string;
  readonly stage: string;
  readonly function: string;
  readonly version: string;
  readonly variant: string;
  readonly requestId: string;
  readonly attempt: number;
  readonly instanceId: string;
  readonly coldStart: boolean;
  readonly trace: { readonly traceparent: string } | null;
  readonly event: ReportEvents[Kind];
}

/** What the fixture shall do once it has reported. */
export interface Answer {
  /** Throw; a text becomes the message. */
  readonly fail?: boolean | string;
  /** The messages of the batch, by index, that are to be delivered again. */
  readonly retry?: readonly number[];
  /** The first record, by index, that is to be delivered again. */
  readonly retryFrom?: number;
  /** Wait until `release` is called. */
  readonly hold?: boolean;
}

/** Collects reports. A subject whose platform cannot reach 127.0.0.1 brings its own. */
export interface Witness {
  /** Where fixtures of one app report. */
  urlFor(app: string): string;
  /** What arrived, in order. */
  reports<Kind extends ReportKind>(app: string, kind: Kind): readonly Report<Kind>[];
  /** The answers to the next reports of this kind, one each; later ones are answered with success. */
  script(app: string, kind: ReportKind, answers: readonly Answer[]): void;
  /** Lets go whoever holds. */
  release(app: string): void;
  /** The issuer of {@link token}; its keys are at `<issuer>/.well-known/jwks.json`. */
  readonly issuer: string;
  /** A signed JSON Web Token. */
  token(options: TokenOptions): Promise<string>;
  close(): Promise<void>;
}

/** Starts a witness on 127.0.0.1. */
export async function startWitness(): Promise<Witness> {
  const issuerKeys = createIssuer();
  const reports: Report[] = [];
  const scripts = new Map<string, Answer[]>();
  const held = new Map<string, Set<() => void>>();

  const answerTo = (app: string, report: Report, reply: ServerResponse): void => {
    reports.push(report);
    const answer = scripts.get(`${app}/${report.kind}`)?.shift() ?? {};
    const send = (): void => {
      reply.setHeader('content-type', 'application/json');
      reply.end(JSON.stringify(answer));
    };
    if (!answer.hold) {
      send();
      return;
    }
    const waiting = held.get(app) ?? new Set();
    held.set(app, waiting);
    waiting.add(send);
    reply.on('close', () => waiting.delete(send));
  };

  const serve = async (request: IncomingMessage, reply: ServerResponse): Promise<void> => {
    const path = request.url ?? '/';
    if (path === '/.well-known/jwks.json') {
      reply.setHeader('content-type', 'application/json');
      reply.end(JSON.stringify(await issuerKeys.jwks()));
      return;
    }
    // What an issuer publishes for those who know only its name (OpenID Connect Discovery 1.0).
    if (path === '/.well-known/openid-configuration') {
      reply.setHeader('content-type', 'application/json');
      reply.end(JSON.stringify({ issuer: origin, jwks_uri: `${origin}/.well-known/jwks.json` }));
      return;
    }
    const app = path.replace('/report/', '');
    answerTo(app, decodeReport(app, await readText(request)), reply);
  };

  const server = createServer((request, reply) => {
    serve(request, reply).catch((error: unknown) => {
      reply.statusCode = 500;
      reply.end(JSON.stringify({ fail: `the witness failed: ${String(error)}` }));
    });
  });
  const origin = `http://127.0.0.1:${await listen(server)}`;
  return {
    urlFor: (app) => `${origin}/report/${app}`,
    reports: (app, kind) =>
      reports.flatMap((report) => (report.app === app && isKind(report, kind) ? [report] : [])),
    script: (app, kind, answers) => void scripts.set(`${app}/${kind}`, [...answers]),
    release: (app) => {
      for (const send of held.get(app) ?? []) send();
      held.delete(app);
      for (const [key, answers] of scripts) {
        if (key.startsWith(`${app}/`))
          scripts.set(
            key,
            answers.map(({ hold: _hold, ...rest }) => rest),
          );
      }
    },
    issuer: origin,
    token: (options) => issuerKeys.token(origin, options),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function isKind<Kind extends ReportKind>(report: Report, kind: Kind): report is Report<Kind> {
  return report.kind === kind;
}

// The fixture is ours, so its reports are taken at their word; a foreign post to this port has no `kind`.
function decodeReport(app: string, text: string): Report {
  const report: Report = JSON.parse(text);
  if (typeof report.kind !== 'string') throw new Error('not a report');
  return { ...report, app };
}

async function readText(request: IncomingMessage): Promise<string> {
  request.setEncoding('utf8');
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      server.unref();
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error('the witness has no port'));
    });
  });
}
