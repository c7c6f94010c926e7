/** The buses of EventBridge, their rules, and where these lead to. */
import type { World } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';
import type { EventMatcher } from './pattern.ts';
import type { TargetInput } from './transform.ts';

const MAX_RULES = 300;
const MAX_TARGETS = 5;

export interface Target {
  readonly id: string;
  readonly arn: string;
  readonly input: TargetInput;
  readonly messageGroupId?: string;
  readonly deadLetterArn?: string;
  readonly maxRetries: number;
  readonly maxAgeSeconds: number;
  /** As it was put, to be listed. */
  readonly given: Readonly<Record<string, unknown>>;
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly bus: string;
  pattern: { readonly text: string; readonly fits: EventMatcher };
  state: string;
  description: string | undefined;
  roleArn: string | undefined;
  readonly targets: Map<string, Target>;
}

export interface Bus {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly createdAt: number;
  readonly rules: Map<string, Rule>;
}

export class Buses {
  readonly #world: World;
  readonly #buses = new Map<string, Bus>();
  readonly #tags = new Map<string, Map<string, string>>();

  constructor(world: World) {
    this.#world = world;
    this.#make('default', undefined);
  }

  create(name: string, description: string | undefined): Bus {
    if (this.#buses.has(name)) {
      throw fault('ResourceAlreadyExistsException', `Event bus ${name} already exists.`);
    }
    return this.#make(name, description);
  }

  #make(name: string, description: string | undefined): Bus {
    const bus = {
      name,
      arn: this.#arn('event-bus', name),
      description,
      createdAt: this.#world.clock.now(),
      rules: new Map<string, Rule>(),
    };
    this.#buses.set(name, bus);
    return bus;
  }

  find(nameOrArn: string | undefined): Bus | undefined {
    const name = (nameOrArn ?? 'default').split(':event-bus/').at(-1) ?? '';
    const bus = this.#buses.get(name);
    return nameOrArn?.startsWith('arn:') === true && bus?.arn !== nameOrArn ? undefined : bus;
  }

  get(nameOrArn: string | undefined): Bus {
    const bus = this.find(nameOrArn);
    if (bus !== undefined) return bus;
    const name = nameOrArn?.split(':event-bus/').at(-1) ?? '';
    throw fault('ResourceNotFoundException', `Event bus ${name} does not exist.`);
  }

  all(): readonly Bus[] {
    return [...this.#buses.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Deleting a bus that is not there succeeds. */
  delete(name: string): void {
    if (name === 'default') {
      throw fault('ValidationException', 'Cannot delete event bus default.');
    }
    const bus = this.#buses.get(name);
    if (bus === undefined) return;
    if (bus.rules.size > 0) {
      throw fault('ValidationException', `Event bus ${name} can't be deleted since it has rules.`);
    }
    this.#buses.delete(name);
    this.#tags.delete(bus.arn);
  }

  /** Makes a rule, or sets all of one anew; its targets stay. */
  putRule(
    bus: Bus,
    name: string,
    wish: Pick<Rule, 'pattern' | 'state' | 'description' | 'roleArn'>,
  ): { readonly rule: Rule; readonly isNew: boolean } {
    const existing = bus.rules.get(name);
    if (existing !== undefined) {
      Object.assign(existing, wish);
      return { rule: existing, isNew: false };
    }
    if (bus.rules.size >= MAX_RULES) throw limitExceeded();
    const path = bus.name === 'default' ? name : `${bus.name}/${name}`;
    const rule = { name, arn: this.#arn('rule', path), bus: bus.name, ...wish, targets: new Map() };
    bus.rules.set(name, rule);
    return { rule, isNew: true };
  }

  rule(busName: string | undefined, name: string): Rule {
    const bus = this.get(busName);
    const rule = bus.rules.get(name);
    if (rule !== undefined) return rule;
    throw fault(
      'ResourceNotFoundException',
      `Rule ${name} does not exist on EventBus ${bus.name}.`,
    );
  }

  /** Deleting a rule that is not there succeeds. */
  deleteRule(busName: string | undefined, name: string): void {
    const bus = this.get(busName);
    const rule = bus.rules.get(name);
    if (rule === undefined) return;
    if (rule.targets.size > 0) {
      throw fault('ValidationException', "Rule can't be deleted since it has targets.");
    }
    bus.rules.delete(name);
    this.#tags.delete(rule.arn);
  }

  putTargets(rule: Rule, targets: readonly Target[]): void {
    const ids = new Set([...rule.targets.keys(), ...targets.map((target) => target.id)]);
    if (ids.size > MAX_TARGETS) throw limitExceeded();
    for (const target of targets) rule.targets.set(target.id, target);
  }

  tags(arn: string): Map<string, string> {
    const isKnown = this.all().some(
      (bus) => bus.arn === arn || [...bus.rules.values()].some((rule) => rule.arn === arn),
    );
    if (!isKnown) {
      const [kind = '', ...path] = (arn.split(':')[5] ?? '').split('/');
      const what = kind === 'rule' ? 'Rule' : 'Event bus';
      throw fault('ResourceNotFoundException', `${what} ${path.join('/')} does not exist.`);
    }
    const tags = this.#tags.get(arn) ?? new Map<string, string>();
    this.#tags.set(arn, tags);
    return tags;
  }

  #arn(kind: string, path: string): string {
    return `arn:aws:events:${this.#world.region}:${this.#world.account}:${kind}/${path}`;
  }
}

function fault(code: string, message: string): AwsFault {
  return new AwsFault(400, code, message);
}

function limitExceeded(): AwsFault {
  return fault(
    'LimitExceededException',
    'The requested resource exceeds the maximum number allowed.',
  );
}
