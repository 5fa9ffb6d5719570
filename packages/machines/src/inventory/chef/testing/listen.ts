import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Server, Socket } from 'node:net'

/** A server that is not Chef, at a URL. Disposing it breaks the connections that are open. */
interface Listening extends AsyncDisposable {
  url: string
}

/** Has a server listen on a free loopback port. */
export async function listen(server: Server): Promise<Listening> {
  const sockets: Socket[] = []
  server.on('connection', (socket) => sockets.push(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

/** Answers HTTP requests as the listener does. */
export const serveHttp = (listener: RequestListener): Promise<Listening> => listen(createServer(listener))
