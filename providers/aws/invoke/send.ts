/** One invocation on the wire. */
import type {
  InvokeCommand,
  InvokeCommandInput,
  InvokeCommandOutput,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { type CallContext, NEVER_ABORTS } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';

/** What every call needs; looked up without waiting from the second call on. */
interface Ready {
  readonly client: LambdaClient;
  readonly Command: typeof InvokeCommand;
}

const ready = new WeakMap<AwsClients, Ready>();

async function prepare(aws: AwsClients): Promise<Ready> {
  const [client, { InvokeCommand: Command }] = await Promise.all([
    aws.invoker(),
    import('@aws-sdk/client-lambda'),
  ]);
  const made = { client, Command };
  ready.set(aws, made);
  return made;
}

/** @throws what the SDK throws when Lambda does not take the call, or the signal aborts. */
export async function sendInvoke(
  aws: AwsClients,
  input: InvokeCommandInput,
  /** `X-Amzn-Trace-Id`; undefined: Lambda makes one. */
  header: string | undefined,
  call: CallContext,
): Promise<InvokeCommandOutput> {
  const { client, Command } = ready.get(aws) ?? (await prepare(aws));
  const command = new Command(input);
  if (header !== undefined) {
    command.middlewareStack.add(
      (next) => (args) => {
        addHeader(args.request, header);
        return next(args);
      },
      { step: 'build', name: 'polyfaasTrace' },
    );
  }
  // A listener on a signal that never aborts would only be in the way of many calls.
  const options = call.signal === NEVER_ABORTS ? {} : { abortSignal: call.signal };
  return await client.send(command, options);
}

function addHeader(request: unknown, value: string): void {
  if (typeof request !== 'object' || request === null || !('headers' in request)) return;
  const { headers } = request;
  if (typeof headers === 'object' && headers !== null) {
    Reflect.set(headers, 'x-amzn-trace-id', value);
  }
}
