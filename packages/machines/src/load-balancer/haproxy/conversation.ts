import { longestTimerMs } from '@vesemir/process/waiting'
import type { Duplex } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** Commands and answers on one connection to HAProxy's CLI. */
export interface Conversation {
  /**
   * Sends commands, all at once, and gives the answer to each, in order and without white space around it. A connection on which
   * the last answer does not come in time is ended: what would come later answers something else.
   * @throws an ordinary `Error` when the connection ends before the last answer
   */
  ask(commands: readonly string[]): Promise<string[]>
  /** Settles when the connection has ended, whoever ended it. */
  readonly ended: Promise<void>
  end(): void
}

interface Question {
  wanted: number
  answers: string[]
  timer: NodeJS.Timeout
  resolve: (answers: string[]) => void
  reject: (error: Error) => void
}

// Only a prompt ends an answer: of the errors some end in one newline, others in two (management guide, 9.3, "prompt").
const prompt = '\n> '
// More than the statistics of 10,000 servers: what goes on beyond it is not HAProxy.
const mostCharacters = 32 * 1024 * 1024

/** Speaks with HAProxy's CLI on a stream; the first command must be `prompt`. Questions of many callers share it. */
export function startConversation(stream: Duplex, { answerTimeoutMs }: { answerTimeoutMs: number }): Conversation {
  const questions: Question[] = []
  const decoder = new StringDecoder('utf8')
  const { promise: ended, resolve: settleEnded } = Promise.withResolvers<void>()
  let received = ''
  let failure: Error | undefined

  function stop(error: Error): void {
    if (failure) return
    failure = error
    for (const { timer, reject } of questions.splice(0)) {
      clearTimeout(timer)
      reject(error)
    }
    // An SSH channel may never close by itself once the other side has ended.
    stream.destroy()
    settleEnded()
  }

  function take(chunk: Buffer): void {
    // A prompt may arrive in pieces.
    let from = Math.max(0, received.length - prompt.length)
    received += decoder.write(chunk)
    for (let at = received.indexOf(prompt, from); at !== -1; at = received.indexOf(prompt)) {
      answer(received.slice(0, at).trim())
      received = received.slice(at + prompt.length)
      from = 0
    }
    if (received.length > mostCharacters) stop(new Error('incomplete answer'))
  }

  function answer(text: string): void {
    const [question] = questions
    if (!question) return stop(new Error('unexpected output'))
    question.answers.push(text)
    if (question.answers.length < question.wanted) return
    questions.shift()
    clearTimeout(question.timer)
    question.resolve(question.answers)
  }

  stream.on('data', take)
  stream.on('error', stop)
  stream.on('end', () => stop(new Error('the connection to HAProxy ended')))
  stream.on('close', () => stop(new Error('the connection to HAProxy was closed')))

  return {
    ended,
    end: () => stop(new Error('the connection to HAProxy was ended')),
    ask(commands) {
      if (failure) return Promise.reject(failure)
      const { promise, resolve, reject } = Promise.withResolvers<string[]>()
      const giveUp = () => stop(new Error(`no answer within ${answerTimeoutMs} ms`))
      const timer = setTimeout(giveUp, Math.min(answerTimeoutMs, longestTimerMs))
      questions.push({ wanted: commands.length, answers: [], timer, resolve, reject })
      stream.write(commands.map((command) => `${command}\n`).join(''))
      return promise
    },
  }
}
