interface Batch {
  commands: Set<string>
  answers: Promise<Map<string, string>>
}

/**
 * Puts the reads of many callers together: what is asked for in one turn of the event loop, and while a batch is on its way, goes as
 * the next, each command once. Answers are never older than the question. Fifty hosts that watch one backend cost it no more than one.
 */
export class SharedReads {
  readonly #ask: (commands: readonly string[]) => Promise<string[]>
  #next: Batch | undefined
  #running: Promise<unknown> = Promise.resolve()

  constructor(ask: (commands: readonly string[]) => Promise<string[]>) {
    this.#ask = ask
  }

  /** Asks for what commands show, which change nothing. Throws as the way of asking that it was made with. */
  async ask(commands: readonly string[]): Promise<string[]> {
    const batch = (this.#next ??= this.#start())
    for (const command of commands) batch.commands.add(command)
    const answers = await batch.answers
    return commands.map((command) => answers.get(command)!)
  }

  #start(): Batch {
    const commands = new Set<string>()
    const answers = this.#running.then(nextTurn).then(async () => {
      this.#next = undefined
      const asked = [...commands]
      const given = await this.#ask(asked)
      return new Map(asked.map((command, index) => [command, given[index]!]))
    })
    this.#running = answers.catch(() => {})
    return { commands, answers }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
