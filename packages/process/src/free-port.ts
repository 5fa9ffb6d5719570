import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** Finds a port of 127.0.0.1 on which nothing listens: `wanted` if it is free, else one that the system picks. */
export async function freePort(wanted = 0): Promise<number> {
  await using server = createServer()
  try {
    await once(server.listen(wanted, '127.0.0.1'), 'listening')
    return (server.address() as AddressInfo).port
  } catch (error) {
    if (wanted === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return await freePort()
  }
}
