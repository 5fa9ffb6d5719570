import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A part of a load in a process of its own. Parts and their owner take turns in sending each other messages. */
export interface Child extends AsyncDisposable {
  tell(message: string): void
  /** Its next message. Rejects when it ends without one. */
  hear<Message>(): Promise<Message>
}

/** Starts `<name>.ts` of this folder with what it is to do. */
export function startChild(name: 'writer' | 'viewers' | 'relay', task: object): Child {
  const child = fork(join(import.meta.dirname, `${name}.ts`), [JSON.stringify(task)])
  const heard: unknown[] = []
  child.on('message', (message) => heard.push(message))
  const ended = once(child, 'exit')
  return {
    tell: (message) => void child.send(message),
    async hear<Message>() {
      while (heard.length === 0) await nextMessage(child, { name, ended })
      return heard.shift() as Message
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function nextMessage(child: ChildProcess, { name, ended }: { name: string; ended: Promise<unknown[]> }) {
  const tooSoon = ended.then(([code, signal]) => {
    throw new Error(`${name} ended with ${String(code ?? signal)}`)
  })
  await Promise.race([once(child, 'message'), tooSoon])
}

/** In the child: what it is to do. */
export function readTask<Task>(): Task {
  return JSON.parse(process.argv[2]!) as Task
}

/** In the child: sends its owner a message. */
export function report(message: object): void {
  process.send!(message)
}

/** In the child: returns the next message of its owner. */
export async function receiveFromOwner(): Promise<string> {
  const [message] = (await once(process, 'message')) as [string]
  return message
}
