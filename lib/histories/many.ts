/** What calls that take many questions share: their options, and errors that name the question. */

import { type CodedError, codedError, mustBe } from '../support/errors.js';
import { isObject } from '../support/handles.js';
import { optionNames, requireKnownOptions } from '../support/options.js';

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
): { signal: AbortSignal | undefined; plans: Plan[] } {
  requireKnownOptions(options, MANY_OPTIONS);
  if (!Array.isArray(questions)) {
    throw mustBe('ERR_KLEIO_ARGUMENT', name, 'an array', questions);
  }
  const plans = Array.from(questions as readonly Question[], (question, index) => {
    const where = `${name}[${index}]`;
    if (!isObject(question)) throw mustBe('ERR_KLEIO_ARGUMENT', where, 'an object', question);
    try {
      if ('signal' in question) {
        throw codedError('ERR_KLEIO_ARGUMENT', 'a signal belongs to the whole call');
      }
      return plan(question);
    } catch (error) {
      throw within(where, error);
    }
  });
  return { signal: options.signal, plans };
}

function within(where: string, error: unknown): unknown {
  const { code, message } = error as Partial<CodedError>;
  if (code === undefined || message === undefined || !message.startsWith(`${code}: `)) return error;
  return codedError(code, `${where}: ${message.slice(code.length + 2)}`, { cause: error });
}
