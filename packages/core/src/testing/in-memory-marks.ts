import type { Mark, Marks } from '../ports/marks.ts'

/** The marks of hosts that run no scripts. */
export class InMemoryMarks {
  readonly kept = new Map<string, Mark>()

  readonly open: Marks = (remote) => {
    const { name } = remote.target
    let next: Mark | undefined
    return {
      remote,
      mark: {
        read: async () => this.kept.get(name),
        put: (mark) => void (next = mark),
        note: (step) => next && (next = { ...next, step }),
        written: async () => void (next && this.kept.set(name, next)),
        clear: async () => void this.kept.delete(name),
      },
    }
  }
}
