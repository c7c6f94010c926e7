/** Sending dead letters back: StartMessageMoveTask and what tells about it. */
import { randomUUID } from 'node:crypto';
import { optionalInteger, optionalText, type Input } from '../core/operation.ts';
import { readRedrive } from './attributes.ts';
import { invalidParameter, invalidValue, resourceNotFound, unsupported } from './faults.ts';
import type { StoredMessage } from './message.ts';
import type { Queue } from './queue.ts';
import type { Queues } from './queues.ts';
import { requiredText } from './send.ts';

/** A task is told to be running for this long. */
const RUNNING_MS = 1000;

interface Task {
  readonly handle: string;
  readonly source: string;
  readonly destination: string | undefined;
  readonly rate: number | undefined;
  readonly startedAt: number;
  readonly toMove: number;
  readonly moved: number;
  readonly failure: string | undefined;
}

export class MoveTasks {
  readonly #queues: Queues;
  #tasks: readonly Task[] = [];

  constructor(queues: Queues) {
    this.#queues = queues;
  }

  start(input: Input): object {
    const source = requiredText(input, 'SourceArn');
    const destination = optionalText(input, 'DestinationArn');
    const rate = optionalInteger(input, 'MaxNumberOfMessagesPerSecond');
    if (rate !== undefined && (rate < 1 || rate > 500)) {
      throw invalidValue(
        'MaxNumberOfMessagesPerSecond',
        rate,
        'Must be between 1 and 500, if provided.',
      );
    }
    const from = this.#queues.find(source);
    if (!from) throw resourceNotFound('SourceArn');
    if (!this.#sourcesOf(source).length) {
      throw invalidParameter('Source queue must be configured as a Dead Letter Queue.');
    }
    if (destination !== undefined && !this.#queues.find(destination)) {
      throw resourceNotFound('DestinationArn');
    }
    if (this.#tasks.some((task) => task.source === source && this.#isRunning(task))) {
      throw unsupported(
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      );
    }
    const letters = from.takeVisible();
    const stuck = letters.filter((letter) => !this.#move(letter, destination));
    for (const letter of stuck) from.putBack(letter);
    const task: Task = {
      handle: Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn: source })).toString(
        'base64',
      ),
      source,
      destination,
      rate,
      startedAt: this.#queues.clock.now(),
      toMove: letters.length,
      moved: letters.length - stuck.length,
      failure: stuck.length > 0 ? 'CouldNotDetermineMessageSource' : undefined,
    };
    this.#tasks = [task, ...this.#tasks];
    return { TaskHandle: task.handle };
  }

  list(input: Input): object {
    const source = requiredText(input, 'SourceArn');
    const max = optionalInteger(input, 'MaxResults') ?? 1;
    if (max < 1 || max > 10) {
      throw invalidValue('MaxResults', max, 'Must be between 1 and 10, if provided.');
    }
    if (!this.#queues.find(source)) throw resourceNotFound('SourceArn');
    const tasks = this.#tasks.filter((task) => task.source === source).slice(0, max);
    return { Results: tasks.map((task) => this.#told(task)) };
  }

  #told(task: Task): object {
    const isRunning = this.#isRunning(task);
    return {
      Status: isRunning ? 'RUNNING' : task.failure === undefined ? 'COMPLETED' : 'FAILED',
      ...(isRunning && { TaskHandle: task.handle }),
      SourceArn: task.source,
      DestinationArn: task.destination,
      MaxNumberOfMessagesPerSecond: task.rate,
      ApproximateNumberOfMessagesMoved: task.moved,
      ApproximateNumberOfMessagesToMove: task.toMove,
      ...(!isRunning && task.failure !== undefined && { FailureReason: task.failure }),
      StartedTimestamp: task.startedAt,
    };
  }

  #isRunning(task: Task): boolean {
    return this.#queues.clock.now() - task.startedAt < RUNNING_MS;
  }

  #sourcesOf(arn: string): readonly Queue[] {
    return this.#queues
      .all()
      .filter((queue) => readRedrive(queue.attributes.get('RedrivePolicy'))?.target === arn);
  }

  /** A message that is moved is a new one: with an id, an age and a count of its own. */
  #move(letter: StoredMessage, destination: string | undefined): boolean {
    const target = this.#queues.find(destination ?? letter.deadFrom ?? '');
    if (!target) return false;
    target.send({
      body: letter.body,
      attributes: letter.attributes,
      senderId: letter.senderId,
      delayMs: 0,
      ...(letter.traceHeader !== undefined && { traceHeader: letter.traceHeader }),
      ...(letter.groupId !== undefined && { groupId: letter.groupId }),
      ...(target.isFifo && { deduplicationId: randomUUID() }),
    });
    return true;
  }
}
