import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** What HAProxy asks for a server's weight and state (configuration manual, "agent-check"). */
export interface Agent extends AsyncDisposable {
  port: number
  says: string
  /** How long it takes to answer. */
  delayMs: number
  /** How often it was asked so far, and has answered. */
  asked: number
  answered: number
}

/** Starts an agent on a free loopback port. */
export async function startAgent(says = '100%'): Promise<Agent> {
  const server = createServer((socket) => {
    agent.asked += 1
    socket.on('error', () => {})
    setTimeout(() => socket.end(`${agent.says}\n`, () => (agent.answered += 1)), agent.delayMs)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const agent: Agent = {
    port: (server.address() as AddressInfo).port,
    says,
    delayMs: 0,
    asked: 0,
    answered: 0,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
  return agent
}
