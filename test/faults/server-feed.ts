import { connect, type Socket } from 'node:net'
import { socketPath, type FleetState } from '../../infra/fleet/fleet-state.ts'

/** A server in HAProxy's own numbers: admin state 0 is ready, operational state 2 is running. */
export interface SeenServer {
  backend: string
  server: string
  opState: number
  adminState: number
  weight: number
}

/** Reads all servers of a box again and again over one connection, so that it costs little to look often. */
export function createServerFeed(state: FleetState, box: string) {
  let socket: Socket | undefined

  /** Gives the servers as the HAProxy process that serves now shows them, or nothing when none answers. */
  async function read(): Promise<SeenServer[] | undefined> {
    try {
      socket ??= await open(socketPath(state, box))
      const answer = await ask(socket, 'show info;show servers state')
      // The process that was reloaded keeps its connections, and tells what was.
      if (answer.includes('\nStopping: 0\n')) return parse(answer)
    } catch {
      // Its process has ended, or there is none.
    }
    socket?.destroy()
    socket = undefined
    return undefined
  }

  return { read, [Symbol.dispose]: () => void socket?.destroy() }
}

const answerTimeoutMs = 2_000

async function open(path: string): Promise<Socket> {
  const socket = connect({ path, timeout: answerTimeoutMs })
  socket.setEncoding('latin1').on('timeout', () => socket.destroy())
  // Between two answers nobody else listens.
  socket.on('error', () => {}).on('end', () => socket.destroy())
  await ask(socket, 'prompt;set timeout cli 1h')
  return socket
}

/** An answer ends with the prompt, which in some versions the first one lacks. */
function ask(socket: Socket, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // One that has closed since the answer before says so no more.
    if (socket.destroyed) return reject(new Error('the connection was closed'))
    let answer = ''
    const end = (settle: () => void) => {
      socket.off('data', add).off('error', fail).off('close', fail)
      settle()
    }
    const fail = () => end(() => reject(new Error('the connection was closed')))
    const add = (text: string) => {
      answer += text
      if (answer.endsWith('> ')) end(() => resolve(answer))
    }
    socket.on('data', add).on('error', fail).on('close', fail)
    socket.write(`${command}\n`)
  })
}

/** The columns are the same in all versions: management guide, `show servers state`. */
function parse(answer: string): SeenServer[] {
  return answer
    .slice(answer.indexOf('\n# be_id '))
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields.length > 10 && fields[0] !== '#')
    .map(([, backend = '', , server = '', , opState, adminState, weight]) => {
      return { backend, server, opState: Number(opState), adminState: Number(adminState), weight: Number(weight) }
    })
}
