/**
 * The connections that the vendor's client sends over: ours, so that they end with the call, so that each request is in the
 * name of the right team, and so that a refusal keeps its status and its `Retry-After`, which that client does not tell.
 */
import type { FetchDispatcher } from '@vercel/client';
import type { Dispatcher } from 'undici';
import { retryAfterOf } from './answer.ts';
import { inTeam } from './team.ts';
import { AGENT_OPTIONS, flatHeaders } from './transport.ts';

/** The head of an answer that said no. */
export interface Refusal {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
}

export interface DeployWire {
  readonly dispatcher: FetchDispatcher;
  /** The last answer of 400 and above since {@link forget}. */
  refusal(): Refusal | undefined;
  /** The one so far was no failure: it told which files are missing. */
  forget(): void;
  /** Ends all that is under way. */
  end(): Promise<void>;
}

export async function openDeployWire(team: string | null, now: () => number): Promise<DeployWire> {
  const undici = await import('undici');
  const agent = new undici.Agent(AGENT_OPTIONS);
  let last: Refusal | undefined;
  const note = (status: number, headers: Parameters<typeof flatHeaders>[0]): void => {
    if (status < 400) return;
    const flat = flatHeaders(headers);
    last = { status, retryAfterMs: retryAfterOf(status, flat, null, now()) };
  };
  const composed = agent.compose(
    (dispatch) => (options, handler) =>
      dispatch({ ...options, path: inTeam(options.path, team) }, watched(handler, note)),
  );
  return {
    // The client sends by the `fetch` of Node.js, whose handlers are those of an earlier undici in some of its versions.
    dispatcher: new undici.Dispatcher1Wrapper(composed),
    refusal: () => last,
    forget() {
      last = undefined;
    },
    end: () => agent.destroy(),
  };
}

/** Passes everything on, and looks at the heads of answers. */
function watched(
  handler: Dispatcher.DispatchHandler,
  note: (status: number, headers: Parameters<typeof flatHeaders>[0]) => void,
): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (...all) => handler.onRequestStart?.(...all),
    onRequestUpgrade: (...all) => handler.onRequestUpgrade?.(...all),
    onResponseStarted: () => handler.onResponseStarted?.(),
    onResponseStart(controller, status, headers, text) {
      note(status, headers);
      handler.onResponseStart?.(controller, status, headers, text);
    },
    onResponseData: (...all) => handler.onResponseData?.(...all),
    onResponseEnd: (...all) => handler.onResponseEnd?.(...all),
    onResponseError: (...all) => handler.onResponseError?.(...all),
    onBodySent: (...all) => handler.onBodySent?.(...all),
    onRequestSent: () => handler.onRequestSent?.(),
  };
}
