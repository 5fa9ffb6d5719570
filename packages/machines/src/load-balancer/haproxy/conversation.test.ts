import fc from 'fast-check'
import { Duplex } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { startConversation } from './conversation.ts'

const inTime = { answerTimeoutMs: 60_000 }

describe('a conversation with HAProxy', () => {
  test('gives each caller its own answers, however they arrive', async () => {
    const answer = fc
      .stringMatching(/^[a-z0-9,>\n-]{0,20}$/)
      .filter((text) => !`${text}\n> `.slice(0, -3).includes('\n> '))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(answer, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 7 }),
        async (questions, chunkBytes) => {
          const stream = new Wire()
          const conversation = startConversation(stream, inTime)

          const asked = Promise.all(questions.map((answers) => conversation.ask(answers.map(() => 'show'))))
          stream.say(
            questions
              .flat()
              .map((text) => `${text}\n> `)
              .join(''),
            chunkBytes,
          )

          expect(await asked).toEqual(questions.map((answers) => answers.map((text) => text.trim())))
        },
      ),
    )
  })

  test('sends all commands of a question at once', () => {
    const stream = new Wire()

    void startConversation(stream, inTime).ask(['prompt', 'show info'])

    expect(stream.heard).toEqual(['prompt\nshow info\n'])
  })

  test('fails whoever waits when the connection ends, and whoever asks later', async () => {
    const stream = new Wire()
    const conversation = startConversation(stream, inTime)
    const waiting = conversation.ask(['show info', 'show stat'])

    stream.say('half an answer\n> ', 100)
    stream.push(null)

    await expect(waiting).rejects.toThrow('the connection to HAProxy ended')
    await expect(conversation.ask(['show info'])).rejects.toThrow('the connection to HAProxy ended')
    await conversation.ended
    expect(stream.destroyed).toBe(true)
  })

  test('waits for an answer also where that may take longer than a timer lasts', async () => {
    const stream = new Wire()
    const conversation = startConversation(stream, { answerTimeoutMs: 2 ** 31 })
    const asked = conversation.ask(['show info'])

    await new Promise((resolve) => setTimeout(resolve, 2))
    stream.say('an answer\n> ', 100)

    expect(await asked).toEqual(['an answer'])
  })

  test('ends a connection on which the last answer does not come in time, and fails all who wait', async () => {
    const stream = new Wire()
    const conversation = startConversation(stream, { answerTimeoutMs: 1 })

    const waiting = [conversation.ask(['show info', 'show stat']), conversation.ask(['show info'])]
    stream.say('half an answer\n> ', 100)

    for (const question of waiting) await expect(question).rejects.toThrow('no answer within 1 ms')
    await conversation.ended
    expect(stream.destroyed).toBe(true)
  })

  test('leaves no timer once the last answer has come', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const before = timers()
    const stream = new Wire()

    const waiting = startConversation(stream, inTime).ask(['show info'])
    stream.say('Pid: 7\n> ', 100)
    await waiting

    expect(timers()).toBe(before)
  })

  test.for([
    ['says something unasked', 'hello\n> '],
    ['does not come to an end', 'x'.repeat(33 * 1024 * 1024)],
  ] as const)('ends when the other side %s', async ([, text]) => {
    const stream = new Wire()
    const conversation = startConversation(stream, inTime)

    stream.say(text, text.length)

    await conversation.ended
    expect(stream.destroyed).toBe(true)
  })
})

/** The other side of a connection, that says what it is told to. */
class Wire extends Duplex {
  readonly heard: string[] = []

  say(text: string, chunkBytes: number): void {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += chunkBytes) this.push(bytes.subarray(at, at + chunkBytes))
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.heard.push(chunk.toString())
    done()
  }
}
