/** Which of the vendor's packages a plan needs. */
import type { Plan, Step } from 'polyfaas/spi';
import type { OptionalClient } from '../clients/require-clients.ts';
import type { MadeSource } from '../record.ts';
import { inputOf } from '../step-input.ts';

const OF_KIND: Readonly<Record<string, OptionalClient>> = {
  'upload-artifact': 's3',
  'delete-artifacts': 's3',
  'ensure-queue': 'sqs',
  'revoke-sender': 'sqs',
  'ensure-topic': 'sns',
  'put-subscription': 'sns',
  'delete-subscription': 'sns',
  'ensure-bucket': 's3',
  'put-notifications': 's3',
  'ensure-stream': 'kinesis',
  'ensure-table': 'dynamodb',
  'ensure-bus': 'eventbridge',
  'put-rule': 'eventbridge',
  'delete-rule': 'eventbridge',
  'put-schedule': 'scheduler',
  'delete-schedule': 'scheduler',
  'keep-warm': 'scheduler',
  'put-http-api': 'apigateway',
  'delete-http-api': 'apigateway',
};

const OF_SOURCE: Readonly<Record<MadeSource['kind'], OptionalClient>> = {
  queue: 'sqs',
  topic: 'sns',
  bucket: 's3',
  stream: 'kinesis',
  table: 'dynamodb',
  bus: 'eventbridge',
};

/** What the inputs of the steps below tell. */
interface Told {
  readonly secrets?: readonly string[];
  readonly source?: { readonly kind: MadeSource['kind'] };
  readonly hadScaling?: boolean;
  readonly hadPings?: boolean;
  readonly wanted?: { readonly http: string };
  readonly provisioned?: {
    readonly min: number;
    readonly max: number;
    readonly schedules: readonly unknown[];
  } | null;
}

function clientsOf(step: Step): readonly OptionalClient[] {
  const { secrets = [], source, hadScaling, hadPings, wanted, provisioned } = inputOf<Told>(step);
  const own = OF_KIND[step.kind];
  if (own !== undefined) return [own];
  if (step.kind === 'verify-version') return secrets.length > 0 ? ['secrets'] : [];
  if (step.kind === 'delete-source') return source ? [OF_SOURCE[source.kind]] : [];
  // No record tells what is left there: to pass them over would leave what calls the function for ever.
  if (step.kind === 'sweep-bindings') {
    return wanted?.http === 'api' ? ['scheduler'] : ['apigateway', 'scheduler'];
  }
  const scaling: readonly OptionalClient[] = hadScaling === true ? ['autoscaling'] : [];
  if (step.kind === 'remove-capacity') return hadPings ? [...scaling, 'scheduler'] : scaling;
  if (step.kind !== 'set-capacity') return [];
  const scales = provisioned && (provisioned.max > provisioned.min || provisioned.schedules.length);
  return scales ? ['autoscaling'] : scaling;
}

/**
 * The plan whose first steps ask for the clients that any of its steps needs: half a deploy because of a package that is
 * not there helps nobody. Steps of one phase may run side by side, so all of the first one ask.
 */
export function askingForClients(plan: Plan): Plan {
  const clients = [...new Set(plan.steps.flatMap(clientsOf))].toSorted();
  const [first] = plan.steps;
  if (first === undefined || clients.length === 0) return plan;
  return {
    ...plan,
    steps: plan.steps.map((step) =>
      step.phase === first.phase ? { ...step, input: { ...step.input, clients } } : step,
    ),
  };
}
