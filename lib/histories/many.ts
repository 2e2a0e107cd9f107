/** What calls that take many questions share: their options, and errors that name the question. */

import { type CallersSignal, signalOf } from '../support/abort.js';
import { codedError, isCoded, mustBe, reading } from '../support/errors.js';
import { isObject } from '../support/handles.js';
import { knownOptions, optionNames } from '../support/options.js';

export interface ManyOptions {
  /** Stops all of them: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const MANY_OPTIONS = optionNames('options', ['signal']);

/** Plans each question; an error of one says which. */
export function plannedMany<Question extends object, Plan>(
  name: string,
  questions: readonly Question[],
  options: ManyOptions,
  plan: (question: Question) => Plan,
): { signal: CallersSignal | undefined; plans: Plan[] } {
  return reading(name, () => {
    const signal = signalOf(knownOptions(options, MANY_OPTIONS).signal);
    if (!Array.isArray(questions)) {
      throw mustBe('ERR_KLEIO_ARGUMENT', name, 'an array', questions);
    }
    const plans = Array.from(questions as readonly Question[], (question, index) =>
      planned(`${name}[${index}]`, question, plan),
    );
    return { signal, plans };
  });
}

function planned<Question extends object, Plan>(
  where: string,
  question: Question,
  plan: (question: Question) => Plan,
): Plan {
  if (!isObject(question)) throw mustBe('ERR_KLEIO_ARGUMENT', where, 'an object', question);
  try {
    return reading('it', () => {
      if (Object.hasOwn(question, 'signal')) {
        throw codedError('ERR_KLEIO_ARGUMENT', 'a signal belongs to the whole call');
      }
      return plan(question);
    });
  } catch (error) {
    throw within(where, error);
  }
}

function within(where: string, error: unknown): unknown {
  if (!isCoded(error)) return error;
  const { code, message } = error;
  return codedError(code, `${where}: ${message.slice(code.length + 2)}`, { cause: error });
}
